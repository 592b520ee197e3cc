"""Who can reach the studio decides what it shows and whether it asks for a login."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

import pytest
from gradio.utils import get_upload_folder

from studio.errors import StudioError
from studio.ui import serving
from studio.ui.gate_rules import is_loopback
from studio.ui.serving import Serving, add_arguments, bracketed, plan
from studio.world import ROOT


def planned(*arguments: str, **environ: str) -> Serving:
    parser = argparse.ArgumentParser()
    add_arguments(parser, environ)
    return plan(parser.parse_args(arguments), environ)


def test_by_default_only_this_machine_reaches_the_whole_studio() -> None:
    served = planned()
    assert served.host == "127.0.0.1" and not served.shared and not served.login
    assert served.gate.hosts == {"localhost", "127.0.0.1", "::1"}
    assert not served.gate.proxied


@pytest.mark.parametrize(
    "arguments",
    [("--share",), ("--host", "0.0.0.0"), ("--host", "::"), ("--host", "192.168.1.5"),
     ("--host", ""), ("--public-name", "studio.example.org")],
)  # fmt: skip
def test_whatever_others_can_reach_is_shared_and_asks_for_a_login(
    arguments: tuple[str, ...],
) -> None:
    served = planned(*arguments)
    assert served.login and served.shared


def test_the_variable_of_gradio_opens_nothing_by_itself() -> None:
    served = planned(GRADIO_SERVER_NAME="0.0.0.0")
    assert served.host == "0.0.0.0" and served.login and served.shared


def test_the_whole_studio_from_afar_is_behind_a_login_and_never_behind_a_link() -> None:
    served = planned("--host", "0.0.0.0", "--no-shared")
    assert served.login and not served.shared
    with pytest.raises(StudioError, match="shared studio only"):
        planned("--share", "--no-shared")
    with pytest.raises(StudioError, match="shared studio only"):
        planned("--no-shared", SPACE_ID="ada/studio")


def test_a_space_is_shared_and_asks_for_a_login_only_with_a_password() -> None:
    served = planned(SPACE_ID="ada/studio", GRADIO_SERVER_NAME="0.0.0.0")
    assert served.shared and not served.login and served.gate.framed and served.gate.proxied
    assert planned(SPACE_ID="ada/studio", STUDIO_PASSWORD="long enough").login


def test_a_login_can_be_asked_for_on_this_machine_too() -> None:
    assert planned("--login", "ada").login
    assert planned("--shared").shared and not planned("--shared").login


def test_a_password_is_no_argument() -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser, {})
    with pytest.raises(SystemExit):
        parser.parse_args(["--password", "x"])


@pytest.mark.parametrize(
    ("host", "own"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("localhost", True), ("[::1]", True),
     ("0.0.0.0", False), ("::", False), ("", False), ("localhost.example.org", False)],
)  # fmt: skip
def test_which_addresses_are_this_machine(host: str, own: bool) -> None:
    assert is_loopback(host) is own


def test_the_page_s_files_lie_where_only_this_user_reads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", "taken from outside")
    places = []
    for _ in range(2):
        serving._own_cache()
        places.append(Path(get_upload_folder()))
    assert places[0] != places[1]
    assert all(place.is_dir() and place.stat().st_mode & 0o077 == 0 for place in places)


ASKS_NOBODY = """
import ipaddress, sys, tempfile, threading
from pathlib import Path
asked = []
def look(event, args):
    if event == "socket.getaddrinfo":
        asked.append(str(args[0]))
    if event == "socket.connect" and isinstance(args[1], tuple):
        asked.append(str(args[1][0]))
sys.addaudithook(look)
import app
from studio.services.sharing.door import Login
from studio.ui.serving import Serving, launch
for shared in (True, False):
    page = launch(Serving("127.0.0.1", None, shared, False), Path(tempfile.mkdtemp()), None)
    page.close()
asked = {name.split("%")[0] for name in asked} - {"localhost", "None"}
print(sorted(name for name in asked if not ipaddress.ip_address(name).is_loopback))
"""


def test_starting_the_studio_asks_no_other_machine() -> None:
    environ = {key: value for key, value in os.environ.items() if "ANALYTICS" not in key}
    done = subprocess.run(
        [sys.executable, "-c", ASKS_NOBODY],
        cwd=ROOT, env=environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]", done.stdout


IPV6 = """
import sys, tempfile, urllib.request
from pathlib import Path
import app
from studio.ui.serving import launch, plan, add_arguments
import argparse
parser = argparse.ArgumentParser(); add_arguments(parser, {})
given = ["--host", sys.argv[1], "--login", "me"]
serving = plan(parser.parse_args(given), {"STUDIO_PASSWORD": "correct-horse-9"})
from studio.services.sharing.door import Login
page = launch(serving, Path(tempfile.mkdtemp()), Login("me", "correct-horse-9"))
port = page.server_port
try:
    urllib.request.urlopen(f"http://[::1]:{port}/login")
except urllib.error.HTTPError as error:
    print(page.local_url, error.code)
page.close()
"""


@pytest.mark.parametrize("host", ["::1", "[::1]", "::"])
def test_it_serves_on_ipv6(host: str) -> None:
    told = subprocess.run(
        [sys.executable, "-c", IPV6, host],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (
        told.stdout.startswith(f"http://{bracketed(host)}:") and told.stdout.split()[1] == "401"
    ), told.stdout + told.stderr


def test_only_ipv6_stands_in_brackets() -> None:
    hosts = ("127.0.0.1", "localhost", "::1", "[::1]", "fe80::1%eth0")
    assert [bracketed(host) for host in hosts] == [
        "127.0.0.1", "localhost", "[::1]", "[::1]", "[fe80::1%eth0]",
    ]  # fmt: skip
