"""`python -m tests.chaos [--kills N] [--json]`: damage short runs, and count what is left of them.

The worker is killed at N random moments, the process of the page at N / 5, and a small file system
is filled at N / 10. Nothing may be corrupted and nothing lost; exit code 1 says that something was.
"""

import argparse
import random
import sys
import tempfile
import time
import traceback
from pathlib import Path

from tests.chaos.damage import fill_disks, kill_studios, kill_workers
from tests.chaos.forks import fork_workers
from tests.chaos.runs import Bench, Count


def damage(kills: int, seed: int, place: Path) -> Count:
    """All three, in a folder of their own."""
    fork_workers()
    bench, dice, count = Bench(place), random.Random(seed), Count()
    plan = ((kill_workers, kills), (kill_studios, kills // 5), (fill_disks, kills // 10))
    for harm, times in plan:
        began = time.monotonic()
        try:
            harm(bench, times, dice, count)
        except KeyboardInterrupt:
            count.skipped[harm.__name__] = "ended by Ctrl+C"
            break
        except Exception:
            count.troubles.append(traceback.format_exc())
            count.lost += 1
        seconds = time.monotonic() - began
        print(f"{harm.__name__}: {times} in {seconds:.0f} s", count.as_json(), file=sys.stderr)
    return count


def table(count: Count) -> str:
    """The result as a table of Markdown."""
    names = ("started", "survived", "resumed", "corrupted", "lost")
    lines = [f"| {name} | {getattr(count, name)} |" for name in names]
    lines += [f"| {kind} | {times} |" for kind, times in count.done.items()]
    lines += [f"| skipped: {what} | {why} |" for what, why in count.skipped.items()]
    lines.append(f"| slowest to be told, s | {count.slowest:.1f} |")
    return "\n".join(["| what | count |", "| --- | ---: |", *lines, *count.troubles])


def main(arguments: list[str] | None = None) -> int:
    """Read the arguments, do the damage, print what came of it."""
    parser = argparse.ArgumentParser(prog="tests.chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=100, help="of workers; default 100")
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    args = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        count = damage(args.kills, args.seed, Path(place).resolve())
    print(count.as_json() if args.json else table(count))
    return int(bool(count.corrupted or count.lost or count.late))


if __name__ == "__main__":
    raise SystemExit(main())
