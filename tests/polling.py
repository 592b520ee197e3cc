"""`python -m tests.polling FOLDER`: a page asks and draws; what the server keeps of it, as JSON.

A process of its own: Gradio leaves sockets and loops open that would fail other tests.
"""

import asyncio
import itertools
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
from fastapi import Request
from gradio.routes import App
from gradio.state_holder import SessionState

from studio.records import Drawn
from studio.services.compare import Compare, Drawing
from studio.services.runs import DEMO, Runs
from studio.services.sharing.limits import Limits
from studio.ui import drawn_view, train_tab
from studio.ui.gate import VISITOR
from studio.ui.layout import build_app
from studio.ui.shared_layout import build_shared_app
from tests.load import Visitor

TABS = ("train", "compare", "report", "runs")
TICKS = 6
DRAWINGS = 4


async def select(visitor: Visitor, tab: str) -> int:
    """Go to a tab; gives how many timers run there."""
    tabs = {part for part, about in visitor.parts.items() if about["props"].get("id") == tab}
    for event in visitor.config["dependencies"]:
        if not event["queue"] and any(n == "select" and t in tabs for t, n in event["targets"]):
            await visitor.send(event, {})
    return len(visitor.ticks())


async def watch(root: Path) -> dict[str, Any]:
    """Every other tick has news; gives timers by tab, how often they were shown, what is kept."""
    page, _ = build_app(Runs(root / "runs"), root / "pictures")
    app = App.create_app(page)
    news, shown, pieces = "before", itertools.count(), train_tab.TrainTab._pieces

    def counted(*given: Any) -> list[Any]:
        next(shown)
        return pieces(*given)

    train_tab._stamp = lambda *given: f"x|{news}"
    train_tab.TrainTab._pieces = counted  # type: ignore[method-assign]
    web = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=web, base_url="http://studio/") as http:
        visitor = Visitor(http, (await http.get("config")).json())
        timers = [len(visitor.ticks()), *[await select(visitor, tab) for tab in TABS]]
        await select(visitor, "train")
        before, kept = next(shown), []
        for tick in range(TICKS):
            news = str(tick // 2)
            for event in visitor.ticks():
                await visitor.send(event, {})
            held = app.state_holder.session_data[visitor.session]
            kept.append(len(held.blocks_config.blocks))
    return {"timers": timers, "shown": next(shown) - before - 1, "kept": kept}


async def draw(root: Path, *, shared: bool) -> list[int]:
    """Draw in Compare; gives after each drawing how many components the server keeps of the page.

    Every drawing says twice how far it is; its pictures are copies of the example's.
    """
    runs, place = Runs(root / "runs"), root / "pictures"
    page, _ = build_shared_app(runs, place, Limits()) if shared else build_app(runs, place)
    folder = runs.folder(DEMO.name)
    example = drawn_view.example(folder.read(), folder.config.pack, DEMO.name)[:2]

    def drawing(*_: Any) -> Iterator[Drawing]:
        copies = [root / f"{number}.png" for number in range(2)]
        for row, copy in zip(example, copies, strict=True):
            shutil.copy(row["path"], copy)
        yield from (Drawing(0, 2), Drawing(1, 2))
        drawn = (
            Drawn("a spoon", 1, column, copies[n]) for n, column in enumerate(("original", "r"))
        )
        yield Drawing(2, 2, tuple(drawn), finished=True)

    Compare.draw = drawing  # type: ignore[method-assign]
    button = next(part for part in page.blocks.values() if part.elem_id == "draw")
    event = next(fn for fn in page.fns.values() if (button._id, "click") in fn.targets)
    said = {"prompts": "a spoon", "compare-run": DEMO.name}
    values = [said.get(part.elem_id, part.value) for part in event.inputs]
    next(p for p in event.inputs if p.elem_id == "compare-run").choices = [("example", DEMO.name)]
    asks = gr.Request(Request({"type": "http", "headers": [(VISITOR.encode(), b"somebody")]}))
    state, kept = SessionState(page), []
    for _ in range(DRAWINGS):
        answer: dict[str, Any] = {"iterator": None, "is_generating": True}
        while answer["is_generating"]:
            on = answer["iterator"]
            answer = await page.process_api(
                event, list(values), state=state, request=asks, iterator=on
            )
        kept.append(len(state.blocks_config.blocks) + len(state.config_values))
    return kept


if __name__ == "__main__":
    place = Path(sys.argv[1])
    told = asyncio.run(watch(place))
    told["drawn"] = asyncio.run(draw(place, shared=False))
    told["shared"] = asyncio.run(draw(place, shared=True))
    print(json.dumps(told))
