"""The command that shows the line and changes its order."""

import argparse
from dataclasses import asdict
from typing import Any

from studio.cli.naming import work_key
from studio.errors import StudioError
from studio.services.queue import Queue

SWITCH = {"on": True, "off": False}


def queue_options(new: argparse.ArgumentParser) -> None:
    """Tell argparse what `queue` takes."""
    new.add_argument(
        "--move", nargs=2, metavar=("WORK", "up|down"), help="move a run or a test that waits"
    )
    new.add_argument("--cancel", metavar="WORK", help="end what waits; ask what works to stop")
    hold = new.add_mutually_exclusive_group()
    hold.add_argument("--pause", action="store_true", help="let nothing that waits begin")
    hold.add_argument("--go-on", action="store_true", help="end the pause")
    new.add_argument(
        "--draw-beside", choices=SWITCH, help="draw at once, beside what is at work; default off"
    )


def queue(args: argparse.Namespace) -> dict[str, Any]:
    """Show the line; launch workers for what waits without one, as after the machine restarted."""
    line = Queue(args.runs_dir)
    if args.move:
        name, where = args.move
        name = work_key(args.runs_dir, name)
        if where not in ("up", "down"):
            raise StudioError(f"{where!r} is no direction.", "Write up or down.")
        line.move(name, up=where == "up")
    if args.cancel:
        line.cancel(work_key(args.runs_dir, args.cancel))
    if args.pause or args.go_on:
        line.pause(args.pause)
    if args.draw_beside:
        line.draw_beside(SWITCH[args.draw_beside])
    started = line.revive()
    rows = line.list()
    if not args.json:
        for place, row in enumerate(rows, 1):
            far = f"{row.step}/{row.total}" if row.total else ""
            print(f"{place:3} {row.state:9} {row.work:10} {row.key:44} {far:>10}  {row.title}")
        if not rows:
            print("Nothing is at work and nothing waits.")
        if line.paused:
            print("Paused. Go on with: python -m studio queue --go-on")
    return {
        "queue": [asdict(row) for row in rows],
        "paused": line.paused,
        "draw_beside": line.beside,
        "launched": started,
    }
