"""The studio behind a proxy that shows it below a path, as code-server and JupyterHub do."""

import argparse
import re
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from studio.errors import StudioError
from studio.failures import told
from studio.services.sharing.door import Door
from studio.ui.gate import COOKIE, Gate
from studio.ui.serving import add_arguments, plan
from tests.test_gate_rules import LOGIN, client, given
from tests.ui.driver import served
from tests.visitors import Visitor

PREFIX = "/user/jane/proxy/7860"


@contextmanager
def proxy(to_port: int, prefix: str, *, strip: bool) -> Iterator[int]:
    """A reverse proxy on a port of its own: one request a connection, Host passed on."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            method, path, version = self.rfile.readline().split()
            lines = list(iter(self.rfile.readline, b"\r\n"))
            if not path.startswith(prefix.encode()):
                self.wfile.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                return
            path = (path.removeprefix(prefix.encode()) or b"/") if strip else path
            told = {line.split(b":")[0].lower(): line.split(b":", 1)[1] for line in lines}
            kept = [line for line in lines if not line.lower().startswith(b"connection:")]
            head = [b" ".join((method, path, version)), b"\r\nConnection: close\r\n", *kept]
            body = self.rfile.read(int(told.get(b"content-length", b"0")))
            with socket.create_connection(("127.0.0.1", to_port)) as there:
                there.sendall(b"".join([*head, b"\r\n", body]))
                while part := there.recv(65536):
                    self.wfile.write(part)

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    runs = tmp_path_factory.mktemp("prefixed") / "runs"
    with served(runs, "--root-path", f"{PREFIX}/") as address:
        yield int(address.rstrip("/").rpartition(":")[2])


def quick(visitor: Visitor) -> str:
    """The name of a handler that asks for nothing."""
    return next(
        d["api_name"]
        for d in visitor.config["dependencies"]
        if d["backend_fn"] and not d["inputs"] and d["api_name"]
    )


@pytest.mark.parametrize("strip", [True, False])
def test_page_files_queue_and_downloads_work_below_a_path(port: int, strip: bool) -> None:
    with proxy(port, PREFIX, strip=strip) as public:
        root = f"http://127.0.0.1:{public}{PREFIX}"
        with httpx.Client(base_url=root, timeout=60) as web:
            page = web.get("/")
            assert page.status_code == 200 and f'"root":"{root}"' in page.text.replace(" ", "")
            parts = re.findall(r'(?:src|href)="([^"#]+)"', page.text)
            own = [part for part in parts if not part.startswith(("data:", "https://"))]
            assert own, "the page names its scripts"
            own.remove("/manifest.json")  # Gradio's own, which no page needs
            for part in own:
                found = web.get(str(httpx.URL(f"{root}/").join(part)))
                assert found.status_code == 200, part
            assert web.get("/gradio_api/file=assets/fonts/PlexSans.woff2").status_code == 200
            visitor = Visitor(web, "prefixed")
            assert visitor.config["root"] == root
            headers = {"origin": f"http://127.0.0.1:{public}"}
            files = {"files": ("a.txt", b"some words")}
            (kept,) = web.post("/gradio_api/upload", files=files, headers=headers).json()
            assert web.get(f"/gradio_api/file={kept}").content == b"some words"
            answer = visitor.call(quick(visitor))
            assert answer["success"], answer


def test_a_path_of_a_proxy_is_checked() -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser, {})
    for text, root in (("/proxy/7860/", "/proxy/7860"), ("https://a.example/x", None), ("", "")):
        found = plan(parser.parse_args(["--root-path", text]), {})
        assert found.root == (text if root is None else root)
    whole = plan(parser.parse_args(["--root-path", "https://a.example/x"]), {})
    assert (whole.gate.prefix, whole.name) == ("/x", "a.example")
    assert whole.login and whole.shared and whole.gate.proxied, "as with --public-name"
    for text in ("proxy/7860", "/a b", "/a?b", "//evil.example", "ftp://a"):
        with pytest.raises(StudioError, match="no path at which a proxy") as caught:
            plan(parser.parse_args(["--root-path", text]), {})
        assert "代理" in told(caught.value.what, "zh")
    environ = {"GRADIO_ROOT_PATH": "/from/outside"}
    parser = argparse.ArgumentParser()
    add_arguments(parser, environ)
    assert plan(parser.parse_args([]), environ).root == "/from/outside"


def test_the_pass_counts_below_the_path_alone_and_rules_see_the_path_without_it() -> None:
    web, behind = client(Gate(shared=True, door=Door(LOGIN), prefix=PREFIX))
    for path in (f"{PREFIX}/login", "/login"):
        entered = web.post(path, data=given())
        assert entered.status_code == 303
        assert f"{COOKIE}=" in entered.headers["set-cookie"]
        assert f"Path={PREFIX}/;" in entered.headers["set-cookie"]
    assert web.get(f"{PREFIX}/config").status_code == 200 and len(behind.seen) == 1
    assert web.get(f"{PREFIX}/gradio_api/proxy=https://example.org/").status_code == 404
    assert web.get(f"{PREFIX}/gradio_api/openapi.json").status_code == 404
    assert web.get(f"{PREFIX}x/config").status_code == 401, "another program"
