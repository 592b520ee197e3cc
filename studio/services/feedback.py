"""Rating rounds: plan, draw, watch, and hand out questions; no torch."""

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from PIL import Image

from studio.config import ModelCard, Pack, Text
from studio.errors import StudioError
from studio.evaluation.balanced import half_and_half
from studio.files import is_name
from studio.jobs.feedback_folder import (
    FOLDER,
    MOST_REFERENCES,
    RANKED,
    ROUND,
    FeedbackFolder,
    RoundConfig,
    RoundPicture,
)
from studio.jobs.feedback_tables import Said, Turn
from studio.pictures import open_picture, picture_files
from studio.records import State, Status
from studio.services.processes import launch, reap
from studio.yaml_files import explained

Kind = Literal["binary", "ranking"]
PROMPTS = 20  # that are suggested for a pack
ICON_WORLD = "icon-world"


@dataclass(frozen=True)
class Listed:
    """One line of the list of rounds, and how far its drawing is."""

    id: str
    title: Text
    kind: Kind
    status: Status
    pictures: int
    drawn: int


class Feedback:
    """All rating rounds of one runs folder.

    Args:
        root: the runs folder; rounds lie in `feedback` below it.
    """

    def __init__(self, root: Path) -> None:
        self.root = Path(root)

    def plan(
        self,
        title: Text,
        question: Text,
        kind: Kind,
        prompts: Sequence[str],
        count: int,
        *,
        model: ModelCard,
        labels: Sequence[Text] = (),
        pack: Pack | None = None,
        sensitive: bool = False,
        shows: Text | None = None,
        times: int = 1,
        seed: int = 0,
    ) -> RoundConfig:
        """Check everything and say what would be drawn; starts nothing.

        Args:
            prompts: drawn in turn, each picture with a seed of its own, counted from `seed`.
            count: pictures; a ranking round draws up to the next multiple of five.

        Raises:
            StudioError: there are no prompts, a text is refused, or a value is not right.
        """
        if not prompts:
            raise StudioError("There is nothing to draw.", "Write a prompt, one a line.")
        wanted = -(-count // RANKED) * RANKED if kind == "ranking" else count
        shots = [
            RoundPicture(
                picture=f"pictures/{place:05d}.png",
                prompt=prompts[place % len(prompts)],
                seed=seed + place,
            )
            for place in range(wanted)
        ]
        return explained(
            lambda: RoundConfig(
                title=title,
                question=question,
                kind=kind,
                labels=tuple(labels) if kind == "binary" else (),
                pack=pack,
                model=model,
                pictures=tuple(shots),
                times=times,
                sensitive=sensitive,
                shows=shows,
                seed=seed,
                made=time.time(),
            ),
            RoundConfig,
            "This round",
        )

    def start(self, config: RoundConfig, references: Sequence[Image.Image] = ()) -> str:
        """Make the round's folder and begin to draw; gives its id.

        Raises:
            StudioError: nothing can be written, or there are too many references.
        """
        if len(references) > MOST_REFERENCES:
            raise StudioError(
                f"{len(references)} reference pictures are too many.",
                f"Choose {MOST_REFERENCES} at most.",
            )
        folder = FeedbackFolder.create(self.root, config, references)
        self._launch(folder)
        return folder.id

    def resume(self, round_id: str) -> None:
        """Go on with a drawing that was stopped, interrupted or failed.

        Raises:
            StudioError: there is no such round, or it is being drawn.
        """
        folder = self.folder(round_id)
        status = folder.status()
        if status.state.alive:
            raise StudioError("This round is still being drawn.", "Stop it, or wait for its end.")
        folder.answered("stop")
        again = replace(status, state=State.QUEUED, pid=None, heartbeat=time.time())
        folder.write_status(replace(again, what="", way_out=""))
        self._launch(folder)

    def stop(self, round_id: str) -> None:
        """Ask a drawing to end; what is drawn stays, and can be rated."""
        folder = self.folder(round_id)
        if folder.status().state.alive:
            folder.ask("stop")

    def wait(self, round_id: str, seconds: float) -> Status:
        """Wait until the drawing of a round has ended or the time is up."""
        folder, end = self.folder(round_id), time.monotonic() + seconds
        while (status := folder.status()).state.alive and time.monotonic() < end:
            time.sleep(0.2)
            reap()
        return status

    def folder(self, round_id: str) -> FeedbackFolder:
        """The folder of a round.

        Raises:
            StudioError: there is none.
        """
        root = self.root / FOLDER
        path = root / round_id if is_name(round_id) else root
        if not is_name(round_id) or not (path / ROUND).exists():
            raise StudioError(
                f"There is no rating round {round_id!r}.", "Choose one of the list, or make one."
            )
        return FeedbackFolder(path)

    def list(self) -> tuple[Listed, ...]:
        """All rounds, newest first; broken folders are left out."""
        reap()
        found = []
        rounds = map(FeedbackFolder, (f.parent for f in (self.root / FOLDER).glob(f"*/{ROUND}")))
        for folder in sorted(rounds, key=lambda folder: folder.age_key, reverse=True):
            try:
                found.append(self.listed(folder))
            except StudioError:
                continue
        return tuple(found)

    @staticmethod
    def listed(folder: FeedbackFolder) -> Listed:
        """One round as it is now.

        Raises:
            StudioError: it cannot be read.
        """
        config = folder.config
        return Listed(
            folder.id,
            config.title,
            config.kind,
            folder.status(),
            len(config.pictures),
            len(folder.drawn()),
        )

    def accept(self, round_id: str, who: str) -> None:
        """Note that a rater read what will be shown and begins."""
        self.folder(round_id).store.accept(who)

    def turn(self, round_id: str, who: str) -> Turn:
        """The next question of a rater; see `RatingStore.turn`."""
        folder = self.folder(round_id)
        return folder.store.turn(who, folder.drawn())

    def answer(self, round_id: str, who: str, question: int, said: Said) -> bool:
        """Keep what a rater says; see `RatingStore.answer`.

        Raises:
            StudioError: the rater has not read what will be shown; or see there.
        """
        store = self.folder(round_id).store
        if not store.accepted(who):
            raise StudioError(
                "The text before the first picture was not accepted.",
                "Read it, then press the button below it.",
            )
        return store.answer(who, question, said)

    def undo(self, round_id: str, who: str) -> int | None:
        """Take back the newest answer of a rater; gives its question, or None without one."""
        return self.folder(round_id).store.undo(who)

    @staticmethod
    def _launch(folder: FeedbackFolder) -> None:
        command = [sys.executable, "-m", "studio.jobs.feedback_maker", str(folder.path.resolve())]
        launch(command, folder.log_file)


def suggested_prompts(pack: Pack, count: int = PROMPTS, seed: int = 0) -> tuple[str, ...]:
    """Prompts for a round about what a pack removes: every other one names it.

    Icon World's own prompts where it knows the pack; else the pack's probes, and its names.
    """
    try:
        asked = half_and_half(pack, count, "dev", seed) if pack.model == ICON_WORLD else []
    except StudioError:  # a pack of a person's own, with things that Icon World does not know
        asked = []
    with_it = [q.prompt for q in asked if q.kind == "target"]
    without = [q.prompt for q in asked if q.kind != "target"]
    if not asked:
        with_it = [p.prompt for p in pack.probes if p.kind == "target"]
        with_it += [f"a picture of {concept.name}" for concept in pack.remove]
        without = [p.prompt for p in pack.probes if p.kind != "target"]
        without += [f"a picture of {phrase}" for phrase in pack.keep]
    mixed = [text for pair in zip(with_it, without, strict=False) for text in pair]
    rest = with_it[len(without) :] + without[len(with_it) :]
    return tuple(dict.fromkeys([*mixed, *rest]))[:count]


def reference_pictures(place: Path) -> list[Image.Image]:
    """The reference pictures of a folder, or of one file, RGB.

    Raises:
        StudioError: there are none, too many, or one cannot be read.
    """
    files = [place] if place.is_file() else picture_files(place)
    return [open_picture(file) for file in files]
