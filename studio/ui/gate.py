"""What every request passes before Gradio sees it: host, origin, login, allowed routes, headers.

Gradio leaves some routes open that a login should guard, answers others that no visitor needs, and
lets whoever knows a page's session name read its answers. Here a request that nothing allows does
not reach it.
"""

import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qs, quote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from studio.services.sharing.door import PASS_SECONDS, Door, Passes
from studio.ui import gate_rules
from studio.ui.login_page import login_page

COOKIE = "studio_pass"
VISITOR = "x-studio-visitor"  # header by which handlers know the visitor; never from outside
LARGEST_LOGIN, LARGEST_SHARED_BODY = 4096, 64 * 1024
MOST_SESSIONS = 10_000
PORT_DROPPED = (
    "This request is not allowed: the browser's address has a port that the proxy did not pass on. "
    "Let the proxy send Host or X-Forwarded-Host with the port; in nginx: "
    "proxy_set_header X-Forwarded-Host $http_host;"
)


@dataclass(frozen=True)
class Gate:
    """How the studio is guarded.

    Attributes:
        shared: only what the shared studio needs is let through.
        door: who may come in; None where everybody may.
        hosts: names under which the studio may be called; None for any.
        proxied: a proxy tells where requests come from: on this machine, or near a Space.
        framed: a Hugging Face Space shows the page in a frame.
        prefix: of the path at which a proxy shows the studio, whether it takes it away or not.
    """

    shared: bool = False
    door: Door | None = None
    hosts: frozenset[str] | None = None
    proxied: bool = False
    framed: bool = False
    prefix: str = ""
    passes: Passes = field(default_factory=Passes)


@dataclass(frozen=True)
class Asked:
    """A request, as far as the gate reads it."""

    method: str
    path: str
    query: str
    headers: Headers
    peer: str
    scheme: str
    public_host: str  # as the proxy was called; "" without one

    @staticmethod
    def of(scope: Scope, gate: Gate) -> "Asked":
        """Read a scope; a proxy is believed only where one is expected."""
        headers, peer = Headers(scope=scope), (scope.get("client") or ("", 0))[0]
        scheme, public = scope.get("scheme", "http"), ""
        if gate.proxied and gate_rules.is_proxy(peer, near=gate.framed):
            public = headers.get("x-forwarded-host", "")
            told = headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
            peer, scheme = told or peer, headers.get("x-forwarded-proto", scheme)
        query = scope.get("query_string", b"").decode("latin-1")
        return Asked(scope["method"], scope["path"], query, headers, peer, scheme, public)

    @property
    def host(self) -> str:
        """The name under which the studio was called, without its port."""
        return urlsplit(f"//{self.headers.get('host', '')}").hostname or ""

    @property
    def cookie(self) -> str:
        """What the browser shows of its pass."""
        return cookie_parser(self.headers.get("cookie", "")).get(COOKIE, "")

    @property
    def foreign(self) -> bool:
        """Whether a page of another site sends this."""
        origin = self.headers.get("origin")
        if origin is None:
            return self.headers.get("sec-fetch-site", "same-origin") == "cross-site"
        own = filter(None, (self.headers.get("host", ""), self.public_host))
        return urlsplit(origin).netloc not in own

    @property
    def port_dropped(self) -> bool:
        """Whether a foreign origin differs from the studio's public name by its port alone, as
        where a proxy passes the name on without it."""
        try:
            name = urlsplit(self.headers.get("origin", "")).hostname
        except ValueError:
            return False
        return bool(name) and name == (self.public_host.lower() or self.host)


class GateMiddleware:
    """Lets through what the gate's rules allow, and marks who it is."""

    def __init__(self, app: ASGIApp, gate: Gate) -> None:
        self.app, self.gate = app, gate
        self._sessions: OrderedDict[str, str] = OrderedDict()  # of a page -> its visitor

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or pass it on."""
        if scope["type"] == "lifespan":
            return await self.app(scope, receive, send)
        if scope["type"] != "http":  # Gradio needs no other
            return await send({"type": "websocket.close", "code": 1008})
        scope = _without(scope, self.gate.prefix)
        asked = Asked.of(scope, self.gate)
        send = self._with_headers(send)
        if self.gate.hosts is not None and asked.host not in self.gate.hosts:
            return await _refuse(403, scope, receive, send)
        if asked.method not in ("GET", "HEAD", "OPTIONS") and asked.foreign:
            if asked.port_dropped:
                return await PlainTextResponse(PORT_DROPPED, 403)(scope, receive, send)
            return await _refuse(403, scope, receive, send)
        if gate_rules.never(asked.path):
            return await _refuse(404, scope, receive, send)
        if gate_rules.for_all(asked.path):
            return await self.app(scope, receive, send)
        visitor = self.gate.passes.visitor(asked.cookie)
        if self.gate.door is not None:
            if asked.path.rstrip("/") == "/login":
                return await self._login(asked, scope, receive, send)
            if asked.path.rstrip("/") == "/logout":
                return await self._logout(scope, receive, send)
            if visitor is None:
                return await self._ask_to_log_in(asked, scope, receive, send)
        elif visitor is None and self.gate.shared:
            send = self._with_pass(asked, send)
            visitor = f"address {asked.peer}"
        if self.gate.shared:
            return await self._shared(asked, visitor or "", scope, receive, send)
        return await self.app(_marked(scope, visitor or ""), receive, send)

    async def _shared(
        self, asked: Asked, visitor: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if not gate_rules.for_visitors(asked.method, asked.path):
            return await _refuse(404, scope, receive, send)
        session = gate_rules.session_of(asked.path, parse_qs(asked.query))
        if asked.method == "POST":
            body = await _body(receive, LARGEST_SHARED_BODY)
            if body is None:
                return await _refuse(413, scope, receive, send)
            receive, session = _again(body, receive), _session_in(body)
            if session is None:
                return await _refuse(400, scope, receive, send)
        if session is not None and not self._owns(visitor, session):
            return await _refuse(403, scope, receive, send)
        return await self.app(_marked(scope, visitor), receive, send)

    def _owns(self, visitor: str, session: str) -> bool:
        """Whether a page's session is this visitor's; a new one is from now on."""
        owner = self._sessions.setdefault(session, visitor)
        self._sessions.move_to_end(session)
        while len(self._sessions) > MOST_SESSIONS:
            self._sessions.popitem(last=False)
        return owner == visitor

    async def _login(self, asked: Asked, scope: Scope, receive: Receive, send: Send) -> None:
        door = self.gate.door
        assert door is not None
        if asked.method != "POST":
            return await self._ask_to_log_in(asked, scope, receive, send)
        body = await _body(receive, LARGEST_LOGIN)
        if body is None:
            return await _refuse(413, scope, receive, send)
        given = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
        name, password = (given.get(key, [""])[0] for key in ("name", "password"))
        if door.opens(name.strip(), password, asked.peer):
            answer: Response = RedirectResponse("./", status_code=303)
            answer.headers["set-cookie"] = self._cookie(self.gate.passes.new(), asked)
            return await answer(scope, receive, send)
        answer = login_page(asked.headers, wrong=True, wait=door.wait(asked.peer))
        return await answer(scope, receive, send)

    async def _logout(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = RedirectResponse("./", status_code=303)
        answer.headers["set-cookie"] = f"{COOKIE}=; Path={self._root}; Max-Age=0; HttpOnly"
        await answer(scope, receive, send)

    async def _ask_to_log_in(
        self, asked: Asked, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if asked.path not in ("/", "/login", "/login/"):
            return await _refuse(401, scope, receive, send)
        door = self.gate.door
        wait = door.wait(asked.peer) if door else 0
        await login_page(asked.headers, wait=wait)(scope, receive, send)

    @property
    def _root(self) -> str:
        """Where the pass counts: other programs behind the same proxy do not see it."""
        return f"{self.gate.prefix}/"

    def _cookie(self, value: str, asked: Asked) -> str:
        told = f"{COOKIE}={value}; Path={self._root}; Max-Age={PASS_SECONDS}; HttpOnly"
        if self.gate.framed:  # the frame's site is another one
            return f"{told}; Secure; SameSite=None; Partitioned"
        return f"{told}; SameSite=Lax" + ("; Secure" if asked.scheme == "https" else "")

    def _with_pass(self, asked: Asked, send: Send) -> Send:
        if asked.path != "/":
            return send
        told = self._cookie(self.gate.passes.new(), asked)

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("set-cookie", told)
            await send(message)

        return marked

    def _with_headers(self, send: Send) -> Send:
        told = gate_rules.headers(framed=self.gate.framed)

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(told)
            await send(message)

        return guarded


def _without(scope: Scope, prefix: str) -> Scope:
    """The request without the prefix of a proxy that leaves it in the path."""
    path = str(scope["path"])
    if not prefix or not (path == prefix or path.startswith(f"{prefix}/")):
        return scope
    kept = path.removeprefix(prefix) or "/"
    return {**scope, "path": kept, "raw_path": quote(kept, safe="/=:@!$&'()*+,;~").encode()}


def _marked(scope: Scope, visitor: str) -> Scope:
    """The request with the visitor's name, and with none that somebody sent along."""
    kept = [pair for pair in scope["headers"] if pair[0].lower() != VISITOR.encode()]
    return {**scope, "headers": [*kept, (VISITOR.encode(), visitor.encode())]}


async def _refuse(status: int, scope: Scope, receive: Receive, send: Send) -> None:
    words = {
        400: "This request cannot be read.",
        401: "Log in first.",
        403: "This request is not allowed.",
        404: "There is nothing here.",
        413: "This request is too large.",
    }
    await PlainTextResponse(words[status], status)(scope, receive, send)


async def _body(receive: Receive, most: int) -> bytes | None:
    """The body of a request; None where it is larger than allowed."""
    found = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return found
        found += message.get("body", b"")
        if len(found) > most:
            return None
        if not message.get("more_body", False):
            return found


def _again(body: bytes, receive: Receive) -> Callable[[], Awaitable[Message]]:
    """Hand out a body that was read already, then whatever comes after it."""
    left = [body]

    async def read() -> Message:
        if left:
            return {"type": "http.request", "body": left.pop(), "more_body": False}
        return await receive()

    return read


def _session_in(body: bytes) -> str | None:
    try:
        told = json.loads(body)
    except ValueError:
        return None
    session = told.get("session_hash") if isinstance(told, dict) else None
    return session if isinstance(session, str) and session else None
