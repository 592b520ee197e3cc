"""A process of the studio's page, with a run that it started."""

import os
import time
import urllib.request

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

import gradio.networking

from studio.config import RunConfig
from studio.services.runs import Runs
from studio.ui.layout import build_app


def serve(runs: Runs, config: RunConfig, says: int) -> int:
    """Serve the page, see that it answers, start a run, say its id, and stay.

    Args:
        says: open file to write the id to.
    """
    os.setsid()
    page, launch = build_app(runs, runs.root / "pictures")
    gradio.networking.url_ok = lambda url: True  # it waits 3 s only; below we wait longer
    page.queue(default_concurrency_limit=8)
    _, address, _ = page.launch(
        server_name="127.0.0.1", prevent_thread_lock=True, quiet=True, **launch
    )
    with urllib.request.urlopen(address, timeout=60) as answer:
        if answer.status != 200:
            return 1
    os.write(says, f"{runs.start(config)}\n".encode())
    while True:
        time.sleep(60)
