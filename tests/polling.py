"""`python -m tests.polling FOLDER`: a page asks for news; what the server keeps of it, as JSON.

A process of its own: Gradio leaves sockets and loops open that would fail other tests.
"""

import asyncio
import itertools
import json
import sys
from pathlib import Path
from typing import Any

import httpx
from gradio.routes import App

from studio.services.runs import Runs
from studio.ui import train_tab
from studio.ui.layout import build_app
from tests.load import Visitor

TABS = ("train", "compare", "report", "runs")
TICKS = 6


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


if __name__ == "__main__":
    print(json.dumps(asyncio.run(watch(Path(sys.argv[1])))))
