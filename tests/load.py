"""`python -m tests.load`: many browsers follow a live run while Compare draws, and the figures.

Each client does what the page in a browser does: it opens the tab Train, and every two seconds it
sends the tick of each timer that runs there. A real run trains meanwhile, and one more client draws
in Compare again and again.
"""

import argparse
import asyncio
import copy
import json
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
from scipy.stats import linregress, scoreatpercentile

from studio.records import State
from studio.services.runs import DEMO, Runs
from tests.ui.driver import served

EVERY_SECONDS = 2.0  # as the page's timers
PATIENCE_SECONDS = 30.0  # a poll that takes longer counts as dropped
MEMORY_SECONDS = 2.0


@dataclass(frozen=True)
class Result:
    """What a load test saw.

    Attributes:
        polls: ticks that were answered. dropped: that were refused, broke, or took too long.
        median_ms, p99_ms, most_ms: from sending a tick to its answer.
        drawn: pictures that Compare drew meanwhile. steps: that the run trained meanwhile.
        start_mb, end_mb: memory of the studio's process (RSS) after the first round and at the end.
        slope_mb_minute: least-squares slope of it over the second half; stderr: its standard error.
    """

    clients: int
    seconds: float
    polls: int
    dropped: int
    median_ms: float
    p99_ms: float
    most_ms: float
    drawn: int
    steps: int
    start_mb: float
    end_mb: float
    slope_mb_minute: float
    stderr: float


@dataclass
class Seen:
    """What the clients note down while they run."""

    took: list[float] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    drawn: int = 0
    memory: list[tuple[float, float]] = field(default_factory=list)  # seconds, MB


class Visitor:
    """One page in one browser."""

    def __init__(self, http: httpx.AsyncClient, config: dict[str, Any]) -> None:
        self.http, self.config = http, config
        self.session = uuid.uuid4().hex[:11]
        self.parts = {part["id"]: copy.deepcopy(part) for part in config["components"]}

    def ticks(self) -> list[dict[str, Any]]:
        """The events of all timers that run on this page now."""
        return [
            event
            for event in self.config["dependencies"]
            for target, name in event["targets"]
            if name == "tick" and self.parts[target]["props"].get("active", True)
        ]

    async def open(self, tab: str = "") -> None:
        """What a page asks when it opens, and what it asks when one goes to a tab."""
        tabs = {part for part, about in self.parts.items() if about["props"].get("id") == tab}
        for wanted in ("load", "select"):
            for event in self.config["dependencies"]:
                if any(n == wanted and (n == "load" or t in tabs) for t, n in event["targets"]):
                    await self.send(event, {})

    def event(self, elem_id: str, name: str) -> dict[str, Any]:
        """The event of a component."""
        found = [part for part, about in self.parts.items() if _elem(about) == elem_id]
        return next(e for e in self.config["dependencies"] if [found[0], name] in e["targets"])

    async def send(self, event: dict[str, Any], given: dict[int, Any]) -> dict[str, Any]:
        """Send an event; gives its last message from the stream."""
        data = [given.get(part, self.parts[part]["props"].get("value")) for part in event["inputs"]]
        for place, part in enumerate(event["inputs"]):
            if self.parts[part]["type"] == "state":
                data[place] = None
        body = {
            "data": data, "fn_index": event["id"], "session_hash": self.session,
            "trigger_id": event["targets"][0][0], "event_data": None,
        }  # fmt: skip
        if not event["queue"]:
            answered = await self.http.post("gradio_api/run/predict", json=body)
            answered.raise_for_status()
            for part in self._take(event, answered.json()["data"]):
                for after in self.config["dependencies"]:
                    if [part, "change"] in after["targets"]:
                        await self.send(after, {})
            return {"success": True}
        joined = await self.http.post("gradio_api/queue/join", json=body)
        joined.raise_for_status()
        return await self._end(joined.json()["event_id"])

    def _take(self, event: dict[str, Any], values: list[Any]) -> list[int]:
        """Keep what timers and fields of text are now; gives the fields that changed."""
        changed = []
        for part, value in zip(event["outputs"], values, strict=True):
            about = self.parts[part]
            if about["type"] == "timer" and "active" in (value or {}):
                about["props"]["active"] = value["active"]
            elif about["type"] == "textbox" and isinstance(value, str):
                if about["props"].get("value") != value:
                    changed.append(part)
                about["props"]["value"] = value
        return changed

    async def _end(self, event_id: str) -> dict[str, Any]:
        asked = {"session_hash": self.session}
        async with self.http.stream("GET", "gradio_api/queue/data", params=asked) as stream:
            async for line in stream.aiter_lines():
                if not line.startswith("data:"):
                    continue
                message: dict[str, Any] = json.loads(line.removeprefix("data:"))
                ended = message["msg"] == "process_completed"
                if ended and message.get("event_id") == event_id:
                    return message
        raise httpx.RemoteProtocolError("the stream ended before the answer")


def _elem(part: dict[str, Any]) -> str:
    return str(part["props"].get("elem_id") or "")


async def follow(visitor: Visitor, seen: Seen, until: float) -> None:
    """Poll as a page does, until the time is up; a tick is skipped while the last is answered."""
    while time.monotonic() < until:
        began = time.monotonic()
        for event in visitor.ticks():
            sent = time.monotonic()
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    answer = await visitor.send(event, {})
                if not answer.get("success"):
                    raise ValueError(str(answer.get("output"))[:200])
                seen.took.append(time.monotonic() - sent)
            except (httpx.HTTPError, TimeoutError, ValueError) as error:
                seen.dropped.append(f"{type(error).__name__}: {error}")
        await asyncio.sleep(max(0.0, began + EVERY_SECONDS - time.monotonic()))


async def draw(visitor: Visitor, seen: Seen, until: float) -> None:
    """Draw in Compare, each time with another seed."""
    event = visitor.event("draw", "click")
    sample = Runs(Path()).folder(DEMO.name).config.sample
    seed = 0
    while time.monotonic() < until:
        values = ["a spoon", DEMO.name, seed, 1.0, 8, sample.guidance, sample.sampler, [], "side"]
        given = dict(zip(event["inputs"], values, strict=True))
        try:
            answer = await visitor.send(event, given)
            if not answer.get("success"):
                raise ValueError(str(answer.get("output"))[:200])
            seen.drawn += 2
        except (httpx.HTTPError, ValueError) as error:
            seen.dropped.append(f"drawing: {error}")
            await asyncio.sleep(EVERY_SECONDS)
        seed += 1


async def remember(process: psutil.Process, seen: Seen, until: float) -> None:
    """Note the memory of the studio again and again."""
    began = time.monotonic()
    while time.monotonic() < until:
        seen.memory.append((time.monotonic() - began, process.memory_info().rss / 1e6))
        await asyncio.sleep(MEMORY_SECONDS)


async def crowd(address: str, process: psutil.Process, clients: int, seconds: float) -> Seen:
    """Let all clients poll at once, for so long after each has polled once."""
    # shorter than the server keeps a connection: a browser, unlike httpx, sends again on one that
    # the server has just closed
    limits = httpx.Limits(
        max_connections=None, max_keepalive_connections=2 * clients, keepalive_expiry=2.0
    )
    async with httpx.AsyncClient(base_url=address, limits=limits, timeout=PATIENCE_SECONDS) as http:
        config = (await http.get("config")).json()
        visitors = [Visitor(http, config) for _ in range(clients)]
        painter = Visitor(http, config)
        await asyncio.gather(painter.open(), *(one.open("train") for one in visitors))
        warm_up = time.monotonic() + EVERY_SECONDS
        await asyncio.gather(*(follow(one, Seen(), warm_up) for one in visitors))
        seen, until = Seen(), time.monotonic() + seconds
        await asyncio.gather(
            *(follow(one, seen, until) for one in visitors),
            draw(painter, seen, until),
            remember(process, seen, until),
        )
    return seen


def load(root: Path, clients: int, seconds: float) -> Result:
    """Serve a runs folder, train in it, draw in Compare, and let clients follow."""
    runs = Runs(root / "runs")
    with served(root / "runs") as address:
        (process,) = [p for p in psutil.Process().children() if "app.py" in " ".join(p.cmdline())]
        runs.queue.draw_beside(True)
        steps = {"steps": 20_000, "check_every": 20_000, "save_every": 20_000}
        run_id = runs.start(runs.plan(runs.pack("icon-weapons"), overrides=steps))
        try:
            end = time.monotonic() + 300
            while runs.progress(run_id).status.state is not State.RUNNING:
                if time.monotonic() > end or not runs.progress(run_id).status.state.alive:
                    raise RuntimeError(runs.folder(run_id).log_tail())
                time.sleep(0.5)
            before = runs.progress(run_id).status.step
            seen = asyncio.run(crowd(address, process, clients, seconds))
            trained = runs.progress(run_id).status.step - before
        finally:
            runs.stop(run_id)
            runs.wait(run_id, 60)
    for told in dict.fromkeys(seen.dropped):
        print(f"{seen.dropped.count(told)} x {told}", file=sys.stderr)
    return summary(seen, clients, seconds, trained)


def summary(seen: Seen, clients: int, seconds: float, steps: int) -> Result:
    """The figures of what was seen."""
    half = seen.memory[len(seen.memory) // 2 :]
    fit = linregress([at / 60 for at, _ in half], [mb for _, mb in half])
    took = [1000 * one for one in seen.took]
    return Result(
        clients, seconds, len(took), len(seen.dropped),
        round(statistics.median(took), 1), round(float(scoreatpercentile(took, 99)), 1),
        round(max(took), 1), seen.drawn, steps,
        round(seen.memory[0][1], 1), round(seen.memory[-1][1], 1),
        round(float(fit.slope), 3), round(float(fit.stderr), 3),
    )  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the load test and print its figures."""
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        result = asdict(load(Path(folder), args.clients, args.seconds))
    print(json.dumps(result) if args.json else "\n".join(f"{k:16} {v}" for k, v in result.items()))
    return 0 if not result["dropped"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
