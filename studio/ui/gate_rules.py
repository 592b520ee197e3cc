"""Which of Gradio's routes a request may reach, and what every answer says about itself."""

import re
from ipaddress import ip_address

API = "/gradio_api"
FONTS = re.compile(r"/gradio_api/file=assets/fonts/[A-Za-z]+\.woff2")

# What no page needs: fetching of other addresses through this one, dashboards, edits of the code.
NEVER = (
    f"{API}/proxy=", f"{API}/file=http:", f"{API}/file=https:", f"{API}/file/", f"{API}/vibe",
    f"{API}/undo-vibe", f"{API}/profiling", f"{API}/run-history", f"{API}/runs", f"{API}/dev",
    f"{API}/process_recording", f"{API}/deep_link", f"{API}/token", f"{API}/monitoring",
    "/monitoring",
)  # fmt: skip

# What a visitor's browser needs of Gradio; "*" stands for what follows.
VISITORS: dict[str, tuple[str, ...]] = {
    "GET": (
        "/", "/config", "/theme.css", "/favicon.ico", "/manifest.json", "/robots.txt",
        "/pwa_icon", "/assets/*", "/static/*", "/svelte/*",
        f"{API}/theme.css", f"{API}/app_id", f"{API}/heartbeat/*", f"{API}/queue/data",
    ),
    "POST": (f"{API}/queue/join",),
}  # fmt: skip

POLICY = (
    "default-src 'self'; "
    "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self' data: blob:; worker-src 'self' blob:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors {frames}"
)
SPACES = "'self' https://huggingface.co https://*.hf.space"


def headers(*, framed: bool) -> dict[str, str]:
    """What browsers are told with every answer.

    Gradio's page needs inline scripts; what counts is that nothing is fetched from, or sent to,
    another site.
    """
    return {
        "content-security-policy": POLICY.format(frames=SPACES if framed else "'self'"),
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
    }


def never(path: str) -> bool:
    """Whether a route is closed to everybody, the owner included."""
    return path.lower().startswith(NEVER)


def for_all(path: str) -> bool:
    """Whether a route tells nothing and is needed before a login: fonts, and Gradio's own start."""
    return path == f"{API}/startup-events" or bool(FONTS.fullmatch(path))


def for_visitors(method: str, path: str) -> bool:
    """Whether the shared studio needs this route."""
    plain = path if path == "/" else path.rstrip("/")
    known = VISITORS.get("GET" if method == "HEAD" else method, ())
    return any(
        plain.startswith(rule[:-1]) if rule.endswith("*") else plain == rule for rule in known
    )


def session_of(path: str, query: dict[str, list[str]]) -> str | None:
    """The page's session that a GET names; None where it names none."""
    if path.startswith(f"{API}/heartbeat/"):
        return path.removeprefix(f"{API}/heartbeat/").strip("/")
    if path.rstrip("/") == f"{API}/queue/data":
        return query.get("session_hash", [""])[0]
    return None


def is_loopback(host: str) -> bool:
    """Whether a name or address is this machine and nobody else."""
    if host.strip("[]").lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def is_proxy(host: str, *, near: bool) -> bool:
    """Whether an address may be the proxy's: this machine, or, `near`, its private network."""
    try:
        return is_loopback(host) or (near and ip_address(host).is_private)
    except ValueError:
        return False
