"""The gate by itself: who is known, who is believed, and what a Space needs."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from studio.services.sharing.door import Door, Login
from studio.ui import gate_rules
from studio.ui.gate import COOKIE, VISITOR, Gate, GateMiddleware

LOGIN = Login("studio", "only for tests")


class Behind:
    """Stands for Gradio: answers with what reaches it."""

    def __init__(self) -> None:
        self.seen: list[dict[str, str]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {key.decode(): value.decode() for key, value in scope["headers"]}
        self.seen.append(headers)
        body = (await receive()).get("body", b"").decode()
        await PlainTextResponse(body or "reached")(scope, receive, send)


def client(gate: Gate, **more: Any) -> tuple[TestClient, Behind]:
    behind = Behind()
    web = TestClient(
        GateMiddleware(behind, gate), base_url="http://localhost", follow_redirects=False, **more
    )
    return web, behind


@pytest.fixture
def guarded() -> Iterator[tuple[TestClient, Behind]]:
    yield client(Gate(shared=True, door=Door(LOGIN)))


def given() -> dict[str, str]:
    return {"name": LOGIN.name, "password": LOGIN.password}


def test_after_the_login_a_visitor_is_known_by_a_name_nobody_can_send(
    guarded: tuple[TestClient, Behind],
) -> None:
    web, behind = guarded
    entered = web.post("/login", data=given())
    assert entered.status_code == 303
    told = entered.headers["set-cookie"]
    assert "HttpOnly" in told and "SameSite=Lax" in told and LOGIN.password not in told
    web.get("/", headers={VISITOR: "somebody else"})
    assert len(behind.seen[-1][VISITOR]) == 32
    web.get("/logout")
    web.cookies.delete(COOKIE)
    assert web.get("/").status_code == 401 and len(behind.seen) == 1


def test_a_body_that_was_read_arrives_whole(guarded: tuple[TestClient, Behind]) -> None:
    web, _ = guarded
    web.post("/login", data=given())
    sent = {"session_hash": "a", "data": ["é" * 1000]}
    assert web.post("/gradio_api/queue/join", json=sent).json() == sent


def test_a_space_lets_in_and_knows_visitors_inside_its_frame() -> None:
    web, behind = client(Gate(shared=True, framed=True, proxied=True))
    web.base_url = web.base_url.copy_with(scheme="https")
    answer = web.get("/")
    assert answer.status_code == 200
    told = answer.headers["set-cookie"]
    assert all(word in told for word in ("Secure", "SameSite=None", "Partitioned", "HttpOnly"))
    assert (
        "frame-ancestors 'self' https://huggingface.co"
        in (answer.headers["content-security-policy"])
    )
    web.get("/config")
    assert len(behind.seen[-1][VISITOR]) == 32
    assert web.post("/gradio_api/upload").status_code == 404


def test_visitors_whose_browser_keeps_no_cookie_are_told_apart_by_address() -> None:
    web, behind = client(Gate(shared=True, proxied=True), client=("127.0.0.1", 1))
    for address in ("198.51.100.1", "198.51.100.2"):
        forwarded = {"x-forwarded-for": f"203.0.113.9, {address}"}
        web.get("/config", headers=forwarded)
        assert behind.seen[-1][VISITOR] == f"address {address}"
    for gate, peer in (
        (Gate(shared=True, proxied=True), "10.0.0.7"),
        (Gate(shared=True, proxied=True, framed=True), "8.8.8.8"),
    ):
        stranger, behind = client(gate, client=(peer, 1))
        stranger.get("/config", headers={"x-forwarded-for": "127.0.0.1"})
        assert behind.seen[-1][VISITOR] == f"address {peer}", "anybody is believed to be a proxy"
    direct, behind = client(Gate(shared=True), client=("127.0.0.1", 1))
    direct.get("/config", headers={"x-forwarded-for": "198.51.100.1"})
    assert behind.seen[-1][VISITOR] == "address 127.0.0.1", "a header is believed without a proxy"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "http://localhost"}, 200),
        ({}, 200),
        ({"origin": "null"}, 403),
        ({"origin": "http://localhost:99"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "https://evil.example", "x-forwarded-host": "evil.example"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
    ],
)
def test_pages_of_other_sites_change_nothing(headers: dict[str, str], status: int) -> None:
    web, _ = client(Gate())
    assert web.post("/gradio_api/queue/join", headers=headers).status_code == status


def test_a_name_that_only_points_here_is_refused() -> None:
    web, _ = client(Gate(hosts=frozenset({"localhost", "127.0.0.1", "::1"})))
    for host, status in (
        ("localhost:7860", 200), ("127.0.0.1", 200), ("[::1]:7860", 200), ("evil.example", 403),
        ("localhost.evil.example", 403), ("", 403), ("127.0.0.1@evil.example", 403),
    ):  # fmt: skip
        assert web.get("/", headers={"host": host}).status_code == status, host


def test_a_session_belongs_to_its_first_visitor_wherever_it_is_named() -> None:
    gate = Gate(shared=True, door=Door(LOGIN))
    behind = Behind()
    guarded = GateMiddleware(behind, gate)
    first, other = (
        TestClient(guarded, base_url="http://localhost", follow_redirects=False) for _ in range(2)
    )
    for web in (first, other):
        web.post("/login", data=given())
    ways = [
        lambda web, name: web.post("/gradio_api/queue/join", json={"session_hash": name}),
        lambda web, name: web.get("/gradio_api/queue/data", params={"session_hash": name}),
        lambda web, name: web.get(f"/gradio_api/heartbeat/{name}"),
    ]
    for n, begins in enumerate(ways):
        assert begins(first, f"s{n}").status_code == 200
        for asks in ways:
            assert asks(other, f"s{n}").status_code == 403
            assert asks(first, f"s{n}").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "open_to_visitors"),
    [
        ("GET", "/", True), ("HEAD", "/", True), ("GET", "/config/", True),
        ("GET", "/assets/index.js", True), ("POST", "/gradio_api/queue/join", True),
        ("POST", "/", False), ("PUT", "/gradio_api/queue/join", False),
        ("GET", "/gradio_api/queue/join", False), ("POST", "/gradio_api/upload", False),
        ("GET", "/gradio_api/file=x", False), ("GET", "/configx", False), ("GET", "//", False),
        ("DELETE", "/config", False), ("POST", "/gradio_api/component_server", False),
    ],
)  # fmt: skip
def test_which_routes_visitors_reach(method: str, path: str, open_to_visitors: bool) -> None:
    assert gate_rules.for_visitors(method, path) is open_to_visitors


@pytest.mark.parametrize(
    "path",
    ["/gradio_api/proxy=https://x/", "/gradio_api/file=HTTP://x", "/gradio_api/vibe-edit",
     "/monitoring/summary", "/gradio_api/run-history/records"],
)  # fmt: skip
def test_some_routes_are_closed_to_the_owner_too(path: str) -> None:
    web, behind = client(Gate())
    assert web.get(path).status_code == 404 and behind.seen == []


def test_websockets_are_closed() -> None:
    web, _ = client(Gate())
    with pytest.raises(Exception), web.websocket_connect("/"):  # noqa: B017 - starlette's own
        pass
