"""Rating rounds for tests, with pictures of plain shapes instead of drawn ones."""

from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from studio.config import Text
from studio.jobs.feedback_folder import FeedbackFolder, RoundConfig
from studio.presets import find_model
from studio.records import State, Status
from studio.services.feedback import Feedback

SPIKES = Text(en="Spiky things", zh="尖的东西")
FEATHERS = Text(en="Feathers", zh="羽毛")


def plan_round(root: Path, kind: str = "binary", count: int = 6, **changes: Any) -> RoundConfig:
    """A round of `count` pictures about spiky things."""
    given: dict[str, Any] = {"labels": (SPIKES,), "model": find_model("icon-world"), **changes}
    question = Text(en="Does it show something spiky?", zh="有尖的东西吗？")
    prompts = ("a cactus", "a pillow")
    title = given.pop("title", SPIKES)
    return Feedback(root).plan(title, question, kind, prompts, count, **given)


def drawn_round(root: Path, kind: str = "binary", count: int = 6, **changes: Any) -> FeedbackFolder:
    """A round whose pictures are there; every other one shows a triangle."""
    references = changes.pop("references", ())
    folder = FeedbackFolder.create(root, plan_round(root, kind, count, **changes), references)
    (folder.path / "pictures").mkdir()
    shots = folder.config.pictures
    for place, shot in enumerate(shots):
        shape(place).save(folder.path / shot.picture)
    folder.write_status(Status(State.DONE, step=len(shots), total=len(shots)))
    return folder


def shape(place: int) -> Image.Image:
    """A triangle where the place is even, else a disc; smaller the later."""
    image = Image.new("RGB", (128, 128), ("#60A0E4", "#FADC62", "#BFD8B8")[place % 3])
    pen, edge = ImageDraw.Draw(image), 20 + 2 * (place % 12)
    if place % 2:
        pen.ellipse((edge, edge, 128 - edge, 128 - edge), fill="#202227")
    else:
        pen.polygon([(64, edge), (128 - edge, 128 - edge), (edge, 128 - edge)], fill="#202227")
    return image
