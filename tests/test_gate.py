"""What strangers reach of a served studio, asked over HTTP; and what nobody reaches."""

import http.client
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from gradio_client import Client

from studio.services.sharing.door import FREE_TRIES
from studio.services.sharing.limits import Limits
from studio.ui.gate_rules import POLICY
from studio.world import ROOT
from tests.ui.driver import served
from tests.visitors import LOGIN, Visitor, finished_run

Visit = Callable[..., Visitor]
FOR_VISITORS = {"_draw", "lambda", "_suit", "_open", "_show", "_open_1", "tell"}
CLOSED_IN_SHARED = (
    "/gradio_api/info", "/gradio_api/openapi.json", "/openapi.json", "/docs", "/redoc",
    "/gradio_api/runs", "/monitoring", "/monitoring/summary", "/gradio_api/queue/status",
    "/gradio_api/token", "/gradio_api/user", "/gradio_api/upload_progress",
    "/gradio_api/stream/a/b/1/x.ts",
    "/gradio_api/deep_link?session_hash=x", "/gradio_api/proxy=https://example.org/",
    "/gradio_api/file=https://example.org/", "/gradio_api/custom_component/1/a/b/c",
)  # fmt: skip
CLOSED_POSTS = (
    "upload", "component_server", "cancel", "reset", "run/predict", "api/predict", "call/_draw",
    "call/v2/_draw", "stream/x", "process_recording", "vibe-edit", "run-history/connect",
)  # fmt: skip


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shared") / "runs"
    finished_run(folder, "sensitive")
    return folder


@pytest.fixture(scope="module")
def shared(runs: Path) -> Iterator[str]:
    with served(runs, "--shared", "--login", LOGIN.name, password=LOGIN.password) as address:
        yield address


@pytest.fixture(scope="module")
def local(runs: Path) -> Iterator[str]:
    with served(runs) as address:
        yield address


@pytest.fixture
def visit() -> Iterator[Visit]:
    """Makes visitors of an address, logged in unless told otherwise."""
    with ExitStack() as ends:

        def come(address: str, session: str, *, logged_in: bool = True) -> Visitor:
            visitor = Visitor(
                ends.enter_context(httpx.Client(base_url=address, timeout=120)), session
            )
            return visitor.log_in() if logged_in else visitor

        yield come


def forbidden_files(runs: Path) -> list[str]:
    """Files that no visitor may read, as they can be asked for."""
    secret = next(runs.glob("*/config.yaml"))
    other = Path(tempfile.mkdtemp(prefix="studio-visitor-")) / "picture.png"
    other.write_bytes(b"picture of another visitor")
    return [
        "/etc/passwd", "../../../../../../etc/passwd", "..%2f..%2f..%2fetc%2fpasswd", "app.py",
        "studio/ui/gate.py", "%2e%2e/x", "assets/fonts/../../app.py",
        "assets%2ffonts%2f..%2f..%2fapp.py", str(ROOT / "app.py"), str(secret), str(other),
        "file:///etc/passwd", ".git/HEAD", "~/.bashrc",
    ]  # fmt: skip


def test_without_a_login_nothing_but_the_login_is_answered(shared: str) -> None:
    with httpx.Client(base_url=shared) as web:
        assert "password" in web.get("/").text
        paths = ["/config", "/theme.css", "/assets/x.js", "/gradio_api/heartbeat/x"]
        for path in (*paths, *CLOSED_IN_SHARED):
            assert web.get(path).status_code in (401, 404), path
        body = {"fn_index": 0, "data": [], "session_hash": "x"}
        assert web.post("/gradio_api/queue/join", json=body).status_code == 401
        web.cookies.set("studio_pass", f"{'0' * 32}.1.{'0' * 64}")
        assert web.get("/config").status_code == 401


def test_wrong_logins_are_slowed_down_over_http(shared: str) -> None:
    from_elsewhere = httpx.HTTPTransport(local_address="127.0.0.2")
    with httpx.Client(base_url=shared, transport=from_elsewhere) as web:
        wrong = {"name": LOGIN.name, "password": "guess"}
        codes = [web.post("/login", data=wrong).status_code for _ in range(FREE_TRIES + 1)]
        assert codes == [400] * FREE_TRIES + [429]
        given = {"name": LOGIN.name, "password": LOGIN.password}
        answer = web.post("/login", data=given)
        assert answer.status_code == 429 and int(answer.headers["retry-after"]) >= 1
        assert web.post("/login", content=b"x" * 5000).status_code == 413


def test_visitors_find_compare_and_reports_and_no_other_handler(shared: str, visit: Visit) -> None:
    config = visit(shared, "list").config
    assert {d["api_name"] for d in config["dependencies"]} == FOR_VISITORS
    assert all(d["api_visibility"] == "private" for d in config["dependencies"])
    kinds = {component["type"] for component in config["components"]}
    uploads = {"file", "uploadbutton", "downloadbutton", "image", "imageeditor", "gallery", "state"}
    assert not kinds & uploads
    assert not config["run_history"] and config["footer_links"] == []
    beyond = visit(shared, "beyond").join(len(FOR_VISITORS), [])
    assert beyond.status_code >= 400


def test_the_api_uploads_and_everything_else_are_closed_to_visitors(
    shared: str, visit: Visit
) -> None:
    visitor = visit(shared, "api")
    for path in CLOSED_IN_SHARED:
        assert visitor.web.get(path).status_code == 404, path
    for path in CLOSED_POSTS:
        answer = visitor.web.post(f"/gradio_api/{path}", json={"session_hash": "api"})
        assert answer.status_code == 404, path
    files = {"files": ("x.txt", b"x")}
    assert visitor.web.post("/gradio_api/upload", files=files).status_code == 404
    with pytest.raises(Exception, match=r"401|Could not fetch|login|JSON|Unauthorized"):
        Client(shared, verbose=False)


@pytest.mark.parametrize("which", ["shared", "local"])
def test_no_file_outside_of_its_folders_is_served(
    which: str, runs: Path, visit: Visit, request: pytest.FixtureRequest
) -> None:
    address = request.getfixturevalue(which)
    visitor = visit(address, f"files-{which}", logged_in=which == "shared")
    assert visitor.web.get("/gradio_api/file=assets/fonts/PlexSans.woff2").status_code == 200
    cookies = "; ".join(f"{name}={value}" for name, value in visitor.web.cookies.items())
    plain = http.client.HTTPConnection(address.split("/")[2])  # httpx would tidy up the dots
    for file in forbidden_files(runs):
        for route in ("file=", "file/"):
            plain.request("GET", f"/gradio_api/{route}{file}", headers={"cookie": cookies})
            answer = plain.getresponse()
            content = answer.read()
            assert answer.status in (403, 404), file
            assert b"root:" not in content and b"picture of" not in content
    plain.close()


def test_a_visitor_does_not_reach_the_page_of_another(shared: str, visit: Visit) -> None:
    first = visit(shared, "first")
    assert first.call("tell")["success"]
    other = visit(shared, "first")  # knows the session of the first
    assert other.join(other.handler("tell"), []).status_code == 403
    asked = {"session_hash": "first"}
    assert other.web.get("/gradio_api/queue/data", params=asked).status_code == 403
    assert other.web.get("/gradio_api/heartbeat/first").status_code == 403
    forged = {"x-studio-visitor": "first"}
    assert other.web.get("/gradio_api/heartbeat/first", headers=forged).status_code == 403


def test_two_visitors_draw_and_neither_sees_the_other(
    shared: str, runs: Path, visit: Visit
) -> None:
    before = set(runs.rglob("*.png"))
    first, other = (visit(shared, f"draw{n}") for n in (1, 2))
    told = first.call("_open")["output"]["data"][0]
    sensitive = next(run for _, run in told["choices"] if run != "demo-run")
    other.call("_open")
    shown = first.call("_draw", "a bomb on red", "demo-run", 1, 1.0, 3)["output"]["data"]
    mine = shown[1]["value"].split("data:image/webp;base64,")[1][:400]
    hidden = other.call("_draw", "a spoon on blue", sensitive, 1, 1.0, 3)["output"]["data"]
    assert "Blurred here" in hidden[0] and "a spoon on blue" in hidden[1]["value"]
    assert "a bomb" not in str(hidden) and mine not in str(hidden)
    again = other.call("_open")["output"]["data"]
    assert "a bomb" not in str(again) and mine not in str(again)
    assert set(runs.rglob("*.png")) == before, "a visitor's picture stays on the disk"


def test_limits_hold_on_the_server_and_for_each_visitor_alone(shared: str, visit: Visit) -> None:
    first, other = (visit(shared, f"limit{n}") for n in (1, 2))
    limits = Limits()
    for visitor in (first, other):
        visitor.call("_open")
    steps = first.call("_draw", "a heart", "demo-run", 1, 1.0, limits.steps + 1)
    assert not steps["success"] and str(limits.steps) in steps["output"]["error"]
    for _ in range(limits.pictures // 2):
        assert (
            "nothing to draw" in first.call("_draw", "", "demo-run", 1, 1.0, 3)["output"]["error"]
        )
    late = first.call("_draw", "a heart", "demo-run", 1, 1.0, 3)["output"]["error"]
    assert late.startswith("12 pictures a minute are what each visitor gets here. Draw again in ")
    assert "nothing to draw" in other.call("_draw", "", "demo-run", 1, 1.0, 3)["output"]["error"]


def test_other_sites_and_other_names_are_turned_away(local: str) -> None:
    with httpx.Client(base_url=local) as web:
        assert web.get("/", headers={"host": "evil.example"}).status_code == 403
        body = {"fn_index": 0, "data": [], "session_hash": "x"}
        for told in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
            for path in ("/gradio_api/queue/join", "/gradio_api/upload"):
                assert web.post(path, json=body, headers=told).status_code == 403
        assert web.post(
            "/gradio_api/queue/join", json=body, headers={"origin": local[:-1]}
        ).is_success


def test_large_and_broken_requests_end_in_a_sentence(shared: str, visit: Visit) -> None:
    visitor = visit(shared, "large")
    post = visitor.web.post
    assert post("/gradio_api/queue/join", content=b"x" * 70_000).status_code == 413
    for body in (b"", b"{", b"[]", b'{"session_hash": 5}', b'{"session_hash": ""}'):
        assert post("/gradio_api/queue/join", content=body).status_code == 400


@pytest.mark.parametrize("which", ["shared", "local"])
def test_browsers_are_told_to_ask_no_other_site(which: str, request: pytest.FixtureRequest) -> None:
    answer = httpx.get(request.getfixturevalue(which))
    policy = answer.headers["content-security-policy"]
    assert policy == POLICY.format(frames="'self'")
    assert "default-src 'self'" in policy and "http:" not in policy and "https:" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
