"""Visitors who speak Gradio's own protocol, and runs for them to look at."""

import json
import shutil
from pathlib import Path
from typing import Any

import httpx

from studio.config import Pack
from studio.jobs.run_folder import RunFolder
from studio.services.runs import DEMO
from studio.services.sharing.door import Login

LOGIN = Login("studio", "only for tests")


def finished_run(runs: Path, sensitivity: str = "none", model: dict[str, Any] | None = None) -> str:
    """A finished run made of the example's files; gives its id."""
    demo = RunFolder(DEMO)
    config = demo.config
    changes = {"sensitivity": sensitivity, "shows": {"en": "icons", "zh": "图标"}}
    pack = Pack(**{**config.pack.model_dump(mode="json"), **changes})
    card = config.model.model_copy(update=model or {})
    folder = RunFolder.create(runs, config.model_copy(update={"pack": pack, "model": card}))
    shutil.copytree(DEMO / "adapter", folder.path / "adapter")
    folder.write_status(demo.stored_status())
    return folder.id


class Visitor:
    """A browser without a screen: cookies, one page, and calls of what stands on it."""

    def __init__(self, web: httpx.Client, session: str) -> None:
        self.web, self.session = web, session

    def log_in(self) -> "Visitor":
        given = {"name": LOGIN.name, "password": LOGIN.password}
        assert self.web.post("/login", data=given).status_code == 303
        return self

    @property
    def config(self) -> dict[str, Any]:
        return dict(self.web.get("/config").json())

    def handler(self, name: str) -> int:
        return next(d["id"] for d in self.config["dependencies"] if d["api_name"] == name)

    def call(self, name: str, *data: Any) -> dict[str, Any]:
        """The last message of a call: `success`, and `output` with `data` or `error`."""
        self.join(self.handler(name), list(data)).raise_for_status()
        query = {"session_hash": self.session}
        with self.web.stream("GET", "/gradio_api/queue/data", params=query) as answer:
            for line in answer.iter_lines():
                if '"process_completed"' in line:
                    return dict(json.loads(line.removeprefix("data: ")))
        raise AssertionError("the call was not answered")

    def join(self, handler: int, data: list[Any]) -> httpx.Response:
        body = {"fn_index": handler, "data": data, "session_hash": self.session}
        return self.web.post("/gradio_api/queue/join", json=body)
