"""Start the studio: `python app.py`."""

import argparse
import os
import sys
from pathlib import Path

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"

from studio.errors import StudioError
from studio.output import guarded
from studio.ui.serving import add_arguments, plan, serve


def main() -> int:
    """Read the arguments, serve the page; gives the exit code."""
    return guarded(_serve)


def _serve() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    add_arguments(parser, os.environ)
    parser.add_argument("--runs-dir", type=Path, default=Path("runs"), help="where runs are kept")
    parser.add_argument("--open", action="store_true", help="open the page in a browser")
    args = parser.parse_args()
    try:
        serving = plan(args, os.environ)
        serve(serving, args.runs_dir.resolve(), login_name=args.login, browser=args.open)
    except StudioError as error:
        print(f"Not done. {error.what}\n{error.way_out}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
