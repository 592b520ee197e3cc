"""Start the studio: `python app.py`."""

import argparse
import os
from pathlib import Path

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

from studio.services.runs import Runs
from studio.ui.layout import build_app


def main() -> None:
    """Read the arguments, build the page, serve it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default=os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1"))
    parser.add_argument("--port", type=int, default=None, help="default: the first free from 7860")
    parser.add_argument("--runs-dir", type=Path, default=Path("runs"), help="where runs are kept")
    parser.add_argument("--open", action="store_true", help="open the page in a browser")
    args = parser.parse_args()
    page, launch = build_app(Runs(args.runs_dir.resolve()), args.runs_dir.resolve() / "pictures")
    page.queue(default_concurrency_limit=8)
    page.launch(server_name=args.host, server_port=args.port, inbrowser=args.open, **launch)


if __name__ == "__main__":
    main()
