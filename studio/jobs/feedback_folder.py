"""A rating round is a folder: pictures that people rate, and what they said; no torch.

round.yaml        everything that was decided      pictures/00000.png and their blurred copies
references/0.png  what raters compare with         ratings.sqlite  see `rating_store`
notes.jsonl       pictures that are none, or of which only the start of the prompt was read
status.json, control.json, log.txt                 see `WorkFolder`
"""

import json
import time
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Literal, Self

import yaml
from PIL import Image
from pydantic import Field, model_validator

from studio import durable
from studio.config import Frozen, ModelCard, Pack, Text
from studio.errors import StudioError, not_writable
from studio.evaluation.ratings import Ratings
from studio.jobs.feedback_tables import Asked
from studio.jobs.rating_store import RatingStore
from studio.jobs.stamps import Stamp, stamp
from studio.jobs.work_folder import WorkFolder, new_folder
from studio.pictures import save_png
from studio.prompt_rules import refuse_if_sexualises_minors
from studio.records import State, Status
from studio.words import slug
from studio.yaml_files import check, read_yaml_file

RANKED = 5  # pictures of one ranking
MOST_REFERENCES = 5
MOST_LABELS = 9  # each has a key of its own
FOLDER = "feedback"
ROUND, NOTES = "round.yaml", "notes.jsonl"
Note = Literal["cut", "broken"]  # broken: it came out as no numbers (NaN)


class RoundPicture(Frozen):
    """One picture that the original model draws for a round."""

    picture: str = Field(description="Path inside the folder.")
    prompt: str = Field(min_length=1)
    seed: int = Field(0, ge=0)


class RoundConfig(Frozen):
    """The content of `round.yaml`."""

    version: int = 1
    title: Text
    question: Text = Field(description="What raters are asked of each picture, or of five.")
    kind: Literal["binary", "ranking"]
    labels: tuple[Text, ...] = Field(
        (), max_length=MOST_LABELS, description="What may apply to a picture; for binary rounds."
    )
    pack: Pack | None = Field(None, description="Whose prompts are drawn; None: own prompts.")
    model: ModelCard
    pictures: tuple[RoundPicture, ...] = Field(min_length=1)
    times: int = Field(1, ge=1, le=10, description="Rankings in which each picture appears.")
    sensitive: bool = Field(False, description="Pictures are blurred until a rater reveals them.")
    shows: Text | None = Field(None, description="What raters will see; read before the first.")
    seed: int = Field(0, ge=0, description="Of the order in which things are asked.")
    made: float = Field(0.0, description="When, in seconds since 1970.")

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        texts = [self.title, self.question, *self.labels, *([self.shows] if self.shows else [])]
        for said in (*(t for text in texts for t in (text.en, text.zh)), *self.prompts):
            refuse_if_sexualises_minors(said)
        if self.kind == "binary" and not self.labels:
            raise ValueError("a binary round needs at least one label")
        if self.kind == "ranking" and (self.labels or len(self.pictures) % RANKED):
            raise ValueError("a ranking round has no labels, and five pictures for each ranking")
        if len({shot.picture for shot in self.pictures}) != len(self.pictures):
            raise ValueError("two pictures have one name")
        return self

    @property
    def prompts(self) -> tuple[str, ...]:
        """What is drawn, each text once."""
        return tuple(dict.fromkeys(shot.prompt for shot in self.pictures))


class FeedbackFolder(WorkFolder):
    """One rating round on disk."""

    work = "rate"

    @classmethod
    def create(
        cls, root: Path, config: RoundConfig, references: Sequence[Image.Image] = ()
    ) -> "FeedbackFolder":
        """Make the folder of a new round, in state queued; no picture is drawn yet.

        Args:
            root: the runs folder; rounds lie in `feedback` below it.
            references: up to five pictures, RGB.

        Raises:
            StudioError: nothing can be written under `root`.
        """
        name = f"{time.strftime('%Y%m%d-%H%M%S')}-{slug(config.title.en, '')}"
        try:
            folder = cls(new_folder(Path(root) / FOLDER, name))
            for place, image in enumerate(references[:MOST_REFERENCES]):
                save_png(image, folder.path / "references" / f"{place}.png", {})
            folder.note_made()
            text = yaml.safe_dump(
                config.model_dump(mode="json"), sort_keys=False, allow_unicode=True
            )
            folder.write_status(
                Status(State.QUEUED, total=len(config.pictures), heartbeat=time.time())
            )
            folder._write(folder.path / ROUND, text)
        except OSError as error:
            raise not_writable(Path(root), error) from error
        return folder

    @property
    def config(self) -> RoundConfig:
        """What was decided for this round.

        Raises:
            StudioError: this folder is no round, or was changed by hand and no longer fits.
        """
        try:
            file = self.path / ROUND
            return _read(file, stamp(file))
        except (OSError, StudioError) as error:
            raise StudioError(
                f"{self.path.name} is no rating round: its round.yaml cannot be read.",
                "Choose another round, or make a new one.",
            ) from error

    @property
    def references(self) -> tuple[Path, ...]:
        """The reference pictures, in order; may be none."""
        return tuple(sorted((self.path / "references").glob("?.png")))

    @property
    def store(self) -> RatingStore:
        """Who rated what, in `ratings.sqlite`.

        Raises:
            StudioError: see `config`; or the file cannot be read or written.
        """
        config = self.config
        names = [shot.picture for shot in config.pictures]
        size, times = (RANKED, config.times) if config.kind == "ranking" else (1, 1)
        asked = Asked(config.kind, tuple(names), len(config.labels), size, times, config.seed)
        return RatingStore(self.path / "ratings.sqlite", asked)

    def drawn(self) -> frozenset[str]:
        """The pictures that are there by now, by their path inside the folder."""
        return frozenset(f"pictures/{file.name}" for file in (self.path / "pictures").glob("*.png"))

    def note(self, what: Note, pictures: Sequence[str]) -> None:
        """Write down that something is odd about pictures, by their path inside the folder."""
        lines = [json.dumps({"picture": picture, "note": what}) + "\n" for picture in pictures]
        durable.append(self.path / NOTES, "".join(lines))

    def noted(self, what: Note) -> frozenset[str]:
        """The pictures of which that was written down."""
        lines = durable.read_lines(self.path / NOTES)
        return frozenset(line["picture"] for line in lines if line["note"] == what)

    def forget_notes(self) -> None:
        """Take back all of that, so that the next start draws what is missing again."""
        durable.forget(self.path / NOTES)

    def ratings(self, label: int | None = None) -> Ratings:
        """What everybody said so far.

        Args:
            label: of a binary round, the label that counts, by its place; None: any of them.

        Raises:
            StudioError: see `store`.
        """
        return self.store.ratings(label)

    def called(self) -> Text:
        """What people call it."""
        return self.config.title

    def _died(self) -> tuple[str, str]:
        return (
            "The drawing of this round ended without a message.",
            "Go on with it: pictures that are there are not drawn again.",
        )


@lru_cache(maxsize=64)
def _read(file: Path, written: Stamp) -> RoundConfig:
    return check(RoundConfig, read_yaml_file(file), file.name)
