"""`python -m tests.waiter ROOT KEY WORK SECONDS`: wait for the turn, hold it, say so in ROOT/turns.

A small stand-in for a worker; tests start several and look who worked when.
"""

import sys
import time
from pathlib import Path

from studio.config import Text
from studio.jobs.line import Line
from studio.jobs.queue_tables import Process, Work
from studio.jobs.run_queue import waited


def main() -> None:
    root, key, work, seconds = Path(sys.argv[1]), sys.argv[2], Work(sys.argv[3]), sys.argv[4]
    line = Line(root)
    line.enter(key, work, Text(en=key, zh=key), worker=Process.of())
    with waited(line, key, lambda: False) as mine:
        if not mine:
            return
        with (root / "turns").open("a") as file:
            file.write(f"{key} begins\n")
            file.flush()
            time.sleep(float(seconds))
            file.write(f"{key} ends\n")


if __name__ == "__main__":
    main()
