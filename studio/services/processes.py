"""The environment of the processes that do the work."""

import os

from studio.world import ROOT


def worker_environment() -> dict[str, str]:
    """This process's environment, with what workers need before torch is imported."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    return {
        **os.environ,
        "OMP_WAIT_POLICY": "PASSIVE",  # without it torch crawls beside any other busy process
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": path,
    }
