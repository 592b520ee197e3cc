"""From the arguments of `app.py` to a served page: who can reach it decides what it shows."""

import argparse
import atexit
import os
import re
import secrets
import shutil
import tempfile
import webbrowser
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import gradio as gr
from gradio.networking import setup_tunnel
from starlette.middleware import Middleware

from studio.errors import StudioError
from studio.services.runs import Runs
from studio.services.sharing.door import PASSWORD_VARIABLE, Door, Login, read_login
from studio.services.sharing.limits import Limits
from studio.ui.gate import Gate, GateMiddleware
from studio.ui.gate_rules import is_loopback
from studio.ui.layout import build_app
from studio.ui.shared_layout import build_shared_app

OWN_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
ROOT_PATH = re.compile(r"(https?://[^/?#\s]+)?(/[^/?#\s]+)*")
OF_A_SPACE = Limits(steps=30, pictures=8, pictures_of_all=40)


@dataclass(frozen=True)
class Serving:
    """How the studio is served.

    Attributes:
        shared: strangers see Compare and finished reports only.
        login: whether somebody has to log in.
        tunnel: whether Gradio's server hands out a public address.
        name: under which a proxy on this machine shows the studio; "" for none.
        root: path or address at which a proxy shows the studio, without a slash at its end.
    """

    host: str
    port: int | None
    shared: bool
    login: bool
    tunnel: bool = False
    name: str = ""
    root: str = ""
    space: bool = False

    @property
    def gate(self) -> Gate:
        """The gate without its door."""
        open_wide = self.tunnel or self.space or not is_loopback(self.host)
        known = OWN_NAMES | {self.host.strip("[]").lower()} | ({self.name} if self.name else set())
        return Gate(
            shared=self.shared,
            hosts=None if open_wide else frozenset(known),
            proxied=self.tunnel or self.space or bool(self.name),
            framed=self.space,
            prefix=urlsplit(self.root).path,
        )


def add_arguments(parser: argparse.ArgumentParser, environ: Mapping[str, str]) -> None:
    """The arguments that decide who can reach the studio."""
    add = parser.add_argument
    host = environ.get("GRADIO_SERVER_NAME", "127.0.0.1")
    add("--host", default=host, help="address to serve at; any but this machine needs a login")
    add("--port", type=int, default=None, help="default: the first free from 7860")
    add("--share", action="store_true", help="a public link through Gradio's server; needs a login")
    add(
        "--public-name",
        default="",
        metavar="NAME",
        help="host name under which a proxy on this machine shows the studio; needs a login",
    )
    add(
        "--root-path",
        default=environ.get("GRADIO_ROOT_PATH", ""),
        metavar="PATH",
        help="where a proxy shows the studio, if not at its top: /proxy/7860 behind code-server, "
        "/user/NAME/proxy/7860 behind JupyterHub, each with --public-name; or the whole address, "
        "https://...",
    )
    add(
        "--login",
        default="",
        metavar="NAME",
        help=f"ask for this name; the password comes from {PASSWORD_VARIABLE} or a prompt, "
        "else it is made up and printed once",
    )
    add(
        "--shared",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="show Compare and finished reports only; on where others can reach the studio",
    )


def plan(args: argparse.Namespace, environ: Mapping[str, str]) -> Serving:
    """Decide who may come in and what they see.

    Raises:
        StudioError: what was asked would hand the whole studio to strangers.
    """
    space = bool(environ.get("SPACE_ID"))
    root = _root(args.root_path)
    name = args.public_name.lower() or (urlsplit(root).hostname or "")
    reachable = args.share or bool(name) or not is_loopback(args.host)
    shared = args.shared if args.shared is not None else reachable or space
    if not shared and (args.share or space):
        raise StudioError(
            "A public link shows the shared studio only.",
            "Leave --no-shared out; to work from afar, use --host with a login.",
        )
    asked = bool(args.login) or bool(environ.get(PASSWORD_VARIABLE))
    return Serving(
        host=args.host,
        port=args.port,
        shared=shared,
        login=asked or (reachable and not space),
        tunnel=args.share and not space,
        name=name,
        root=root,
        space=space,
    )


def _root(text: str) -> str:
    root = text.strip().rstrip("/")
    if root and not ROOT_PATH.fullmatch(root):
        raise StudioError(
            f"{text!r} is no path at which a proxy shows the studio.",
            "Write it as in the browser, such as /proxy/7860, or the whole address, https://...",
        )
    return root


def serve(serving: Serving, runs: Path, *, login_name: str = "", browser: bool = False) -> None:
    """Serve the page until somebody ends it.

    Raises:
        StudioError: the password is too short, the port is taken, or there is no public link.
    """
    login = read_login(login_name) if serving.login else None
    page = launch(serving, runs, login)
    print(f"* Safeguard Studio: {page.local_url}")
    if serving.tunnel:
        print(f"* Public link: {_tunnel(page.server_name, page.server_port)}")
    if login is not None:
        _tell(login)
    if browser:
        webbrowser.open(page.local_url)
    page.block_thread()


def launch(
    serving: Serving, runs: Path, login: Login | None = None, limits: Limits | None = None
) -> gr.Blocks:
    """Build the page and serve it from a thread of this process.

    Args:
        limits: of each visitor; None for those that suit.

    Raises:
        StudioError: the port is taken.
    """
    _own_cache()
    pictures = runs / "pictures"
    if serving.shared:
        os.environ["HF_HUB_OFFLINE"] = "1"  # no visitor makes the studio fetch a model
        suited = limits or (OF_A_SPACE if serving.space else Limits())
        page, settings = build_shared_app(Runs(runs), pictures, suited, login=login is not None)
    else:
        page, settings = build_app(Runs(runs), pictures)
    gate = serving.gate if login is None else replace(serving.gate, door=Door(login))
    page.queue(default_concurrency_limit=8, max_size=64, api_open=False)
    settings["app_kwargs"] = {
        "middleware": [Middleware(GateMiddleware, gate=gate)],
        "docs_url": None,
        "redoc_url": None,
        "openapi_url": None,
    }
    try:
        page.launch(
            server_name=bracketed(serving.host),
            server_port=serving.port,
            root_path=serving.root,
            share=False,  # with its own, Gradio's page loads scripts from another site
            show_error=False,
            quiet=True,
            prevent_thread_lock=True,
            _frontend=False,  # else Gradio gives up when its own page does not answer in 3 s
            **settings,
        )
    except OSError as error:
        raise StudioError(
            "The port is taken, or the address is not this machine's.",
            "Choose another --port or --host, or end the program that uses it.",
        ) from error
    return page


def bracketed(host: str) -> str:
    """A host as it stands in an address: IPv6 in brackets, as Gradio wants it too."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def _tell(login: Login) -> None:
    shown = f"  Password: {login.password}  (made up, shown once)" if login.made else ""
    print(f"* Name: {login.name}{shown}", flush=True)


def _tunnel(host: str, port: int) -> str:
    try:
        return setup_tunnel(host, port, secrets.token_urlsafe(32), None, None)
    except Exception as error:  # whatever the network or Gradio's server says
        raise StudioError(
            "No public link could be opened.",
            "Check the network, or use --host where others reach this machine.",
        ) from error


def _own_cache() -> None:
    """Files of the page lie in a folder of this start that only this user reads."""
    place = tempfile.mkdtemp(prefix="studio-page-")
    os.environ["GRADIO_TEMP_DIR"] = place
    atexit.register(shutil.rmtree, place, ignore_errors=True)
