"""`python -m tests.bad_input.small_memory`: the heavy rows in a process that may take little more
memory than it has; prints a line of JSON for each try."""

import json
import os
import re
import resource
import tempfile
from pathlib import Path

import psutil

from studio.errors import StudioError
from tests.bad_input.corpus import CORPUS
from tests.bad_input.doors import DOORS
from tests.bad_input.row import Box

MORE_MB = 400
# by services alone: the page and the command line call the same ones
HEAVY = [row for row in CORPUS if row.heavy]


def main() -> None:
    """Try them all, one after the other, after a limit was set."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    box = Box(Path(tempfile.mkdtemp()))
    now = psutil.Process().memory_info().vms
    resource.setrlimit(resource.RLIMIT_AS, (now + MORE_MB * 1_000_000,) * 2)
    for row in HEAVY:
        folder = box.given / re.sub(r"\W+", "-", row.id)
        folder.mkdir()
        given = row.make(folder)
        try:
            DOORS[row.doors[0]](box, given)
            said = "nothing"
        except StudioError as error:
            said = str(error)
        except BaseException as error:
            said = f"{type(error).__name__}: {error}"[:300]
        print(json.dumps({"id": row.id, "said": said}), flush=True)


if __name__ == "__main__":
    main()
