"""The doors: how each kind of input reaches the services, the command line and the page."""

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from studio.cli import main
from studio.config import SampleConfig, Text
from studio.evaluation.detectors import find_detector
from studio.evaluation.detectors.plain_arrays import read_rows
from studio.evaluation.prompt_files import read_prompts
from studio.files import read_text
from studio.jobs.calibration_folder import CalibrationFolder
from studio.jobs.feedback_folder import FeedbackFolder
from studio.jobs.rating_files import import_ratings
from studio.jobs.run_folder import RunFolder
from studio.jobs.triplet_folder import TripletFolder
from studio.limits import YAML_MB
from studio.methods.safegen import SafegenConfig
from studio.models.weights import read_header
from studio.pictures import open_picture
from studio.presets import find_model, load_pack
from studio.protocols import parse_protocol
from studio.safeguards import checked_guidance, checked_method_preset
from studio.services.columns import column
from studio.services.compare import Compare, Request, sampled
from studio.services.evaluations import Evaluations
from studio.services.feedback import Feedback
from studio.services.grid import Point, axis, points
from studio.services.judge import read_prompt_file
from studio.services.runs import DEMO
from studio.services.stacks import save_stack
from studio.services.tokens import Tokens
from studio.services.triplet_sets import TripletSets
from studio.services.triplets import pair_triplets, remake_mosaics
from studio.yaml_files import read_yaml_file
from tests.bad_input.page import REQUEST, Page, make_page
from tests.bad_input.pictures import WHOLE
from tests.bad_input.row import Box
from tests.tiny import save_tiny

Go = Callable[[Box, Any], object]


class Refused(Exception):
    """What the command line said, and its exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def cli(box: Box, *arguments: object, where: Path | None = None) -> None:
    """One command in this process; its exit code as `Refused`."""
    told = [str(argument) for argument in arguments]
    code = main([*told, "--runs-dir", str(where or box.runs.root)])
    if code:
        raise Refused(code)


@cache
def page(box: Box) -> Page:
    return make_page(box)


@cache
def bundle(box: Box) -> Any:
    from studio.models.loading import load_bundle

    return load_bundle(find_model(str(save_tiny(box.root / "tmp"))))


@cache
def good_set(box: Box) -> Path:
    """A finished set of one triplet."""
    folder = box.root / "tmp" / "own"
    folder.mkdir()
    (folder / "a.png").write_bytes(WHOLE)
    pair_triplets(folder, folder, SafegenConfig(mask="whole"), box.root / "tmp" / "set")
    return box.root / "tmp" / "set"


def load_adapter(box: Box, file: Path) -> None:
    """Into a tiny model, which must stay as it was when the file is refused."""
    from studio.models.adapters import load_adapter as load
    from studio.models.adapters import lora_layers

    unet = bundle(box).unet
    try:
        load(unet, file, "bad")
    finally:
        assert not any("bad" in layer.lora_A for layer in lora_layers(unet))
        assert all(layer._disable_adapters for layer in lora_layers(unet))


def read_token(file: Path) -> None:
    from studio.models.tokens import read_token as read

    read(file)


def load_model(box: Box, place: Path) -> None:
    from studio.models.loading import load_bundle

    load_bundle(find_model(str(place)))


def draw(box: Box, given: tuple[str, Any]) -> None:
    prompt, seed = given
    request = Request(find_model("icon-world"), SampleConfig(), (prompt,), (seed,))
    Compare(box.out).drawn_before(request)


def axes(box: Box, texts: list[str]) -> None:
    start = Point("a", 0, column(box.runs, DEMO.name), SampleConfig())
    points(box.runs, page(box).pack, start, [axis(text) for text in texts])


@cache
def round_of_one(box: Box) -> str:
    """A rating round of one picture that nobody draws; gives its id."""
    config = Feedback(box.runs.root).plan(
        Text(en="Bomb", zh="炸弹"), Text(en="Is it one?", zh="是吗？"), "binary", ("a bomb",), 1,
        model=find_model("icon-world"), labels=(Text(en="Bomb", zh="炸弹"),),
    )  # fmt: skip
    return FeedbackFolder.create(box.runs.root, config).id


@cache
def own_run(box: Box) -> str:
    """A run of one's own that nobody trains; gives its id."""
    return RunFolder.create(box.runs.root, box.runs.plan(page(box).pack)).id


def linked_run(box: Box, file: Path) -> str:
    """The folder of a config among the runs; gives its name."""
    link = box.runs.root / file.parent.name
    if not link.exists():
        link.symlink_to(file.parent)
    return link.name


def one_unsafe(box: Box, file: Path) -> list[object]:
    """The folder of a picture as triplets of the command line."""
    return ["--unsafe", file, "--benign", file, "--mask", "whole", "--out", box.out / "set"]


def pair(box: Box, file: Path) -> None:
    good = box.root / "tmp" / "good.png"
    good.write_bytes(WHOLE)
    page(box).triplets._pair(REQUEST, [str(file)], [str(good)], None, 1, "whole", 0.1, 0.0)


def mask_of(box: Box, file: Path) -> None:
    """Masks of other names than the picture's."""
    shutil.rmtree(box.out / "masks", ignore_errors=True)
    (box.out / "masks").mkdir()
    settings = SafegenConfig(mask="whole")
    pair_triplets(file.parent, file.parent, settings, box.out / "set", masks=box.out / "masks")


def compare(box: Box, *arguments: object) -> None:
    cli(box, "compare", DEMO.name, "--prompt", "a", *arguments, "--out", box.out)


def flags(given: dict[str, Any]) -> list[object]:
    return [part for name, value in given.items() for part in (f"--{name}={value}",)]


DOORS: dict[str, Go] = {
    # packs
    "load_pack": lambda box, file: load_pack(file),
    "cli train": lambda box, file: cli(box, "train", file, "--dry-run"),
    "page import": lambda box, file: page(box).concepts._import(str(file), REQUEST),
    # names
    "find pack": lambda box, name: box.runs.pack(name),
    "cli train name": lambda box, name: cli(box, "train", name, "--dry-run"),
    "page choose pack": lambda box, name: page(box).concepts._choose(name, REQUEST),
    "run folder": lambda box, name: box.runs.delete(name),
    "cli judge": lambda box, name: cli(box, "judge", name),
    "cli compare run": lambda box, name: cli(
        box, "compare", name, "--prompt", "a", "--out", box.out
    ),
    "page draw run": lambda box, name: page(box).draw(run=name),
    "page delete run": lambda box, name: page(box).runs.actions._delete(name, REQUEST),
    "evaluation folder": lambda box, name: Evaluations(box.runs.root).folder(name),
    "cli report": lambda box, name: cli(box, "report", name),
    "cli resume": lambda box, name: cli(box, "evaluate", f"--resume={name}"),
    "triplet set": lambda box, name: TripletSets(box.runs.root).folder(name),
    "page triplets": lambda box, name: page(box).triplets._show(name, False, "drop", REQUEST),
    "save pack": lambda box, title: box.runs.save_pack(page(box).pack, title),
    "page save pack": lambda box, title: page(box).concepts._save(
        REQUEST, title, *page(box).fields
    ),
    "save stack": lambda box, title: save_stack(box.runs, title, "neg", ("bomb",)),
    "page save stack": lambda box, title: page(box).compare.stack._save(
        "neg", title, DEMO.name, REQUEST
    ),
    "find model": lambda box, name: find_model(name),
    "cli model": lambda box, name: cli(
        box, "train", "icon-weapons", "--dry-run", f"--model={name}"
    ),
    "page model": lambda box, name: page(box).plan(model=name),
    # columns
    "column": lambda box, text: column(box.runs, text),
    "column file": lambda box, file: column(box.runs, str(file)),
    "column weights": lambda box, file: column(box.runs, str(file)),
    "cli column": lambda box, text: compare(box, f"--column={text}"),
    "cli column file": lambda box, file: compare(box, f"--column={file}"),
    "page column": lambda box, text: page(box).draw(more=[str(text)]),
    # settings
    "plan": lambda box, given: box.runs.plan(page(box).pack, overrides=given),
    "cli settings": lambda box, given: cli(
        box, "train", "icon-weapons", "--dry-run", *flags(given)
    ),
    "page plan": lambda box, given: page(box).plan(**given),
    "sampled": lambda box, given: sampled(SampleConfig(), **given),
    "cli sampler": lambda box, given: compare(box, *flags(given)),
    "page sampler": lambda box, given: page(box).draw(**given),
    "axes": axes,
    "cli grid": lambda box, texts: cli(
        box, "grid", DEMO.name, "--prompt", "a", "--out", box.out,
        *(f"--{side}={text}" for side, text in zip("xyz", texts, strict=False)),
    ),
    "page grid": lambda box, texts: page(box).draw_grid(texts),
    "draw": draw,
    "cli prompt": lambda box, given: cli(
        box, "compare", DEMO.name, f"--prompt={given[0]}", f"--seed={given[1]}", "--out", box.out
    ),
    "page prompt": lambda box, given: page(box).draw(prompt=given[0], seed=given[1]),
    "cli usage": lambda box, arguments: cli(box, *arguments),
    # lists and presets
    "prompt list": lambda box, file: read_prompts(file),
    "judged list": lambda box, file: read_prompt_file(file),
    "cli prompts": lambda box, file: cli(box, "prompts", file),
    "cli judge list": lambda box, file: cli(box, "judge", DEMO.name, "--prompt-file", file),
    "detector": lambda box, file: find_detector(str(file)),
    "cli detector": lambda box, file: cli(box, "detect", box.out, "--detector", file),
    "protocol": lambda box, file: parse_protocol(read_text(file, YAML_MB), file.name),
    "guidance": lambda box, file: checked_guidance(read_yaml_file(file), file.name),
    "method preset": lambda box, file: checked_method_preset(read_yaml_file(file), file.name),
    # pictures
    "picture": lambda box, file: open_picture(file),
    "page pair": pair,
    "cli triplets": lambda box, folder: cli(box, "triplets", *one_unsafe(box, folder)),
    "cli quality": lambda box, folder: cli(
        box, "quality", "--original", folder, "--safeguarded", folder
    ),
    "masks": lambda box, file: remake_mosaics(good_set(box), file.parent),
    "cli masks": lambda box, file: cli(
        box, "triplets", "--set", good_set(box), "--masks", file.parent
    ),
    "mask of a picture": mask_of,
    # weights and folders
    "header": lambda box, file: read_header(file),
    "adapter": load_adapter,
    "model file": load_model,
    "model": load_model,
    "vectors": lambda box, file: read_rows(file),
    "cli vectors": lambda box, file: cli(
        box, "detect", good_set(box) / "unsafe", "--detector", "q16", "--prompts", file
    ),
    "run config": lambda box, file: RunFolder(file.parent).config,
    "cli judge folder": lambda box, file: cli(
        box, "judge", file.parent.name, where=file.parent.parent
    ),
    "page draw folder": lambda box, file: page(box).draw(run=linked_run(box, file)),
    "triplets": lambda box, folder: TripletFolder(folder).pictures(),
    # ratings and learned words
    "round": lambda box, name: Feedback(box.runs.root).folder(name),
    "cli agreement": lambda box, name: cli(box, "feedback", "agreement", name),
    "tokens of a round": lambda box, name: Tokens(box.runs.root).plan(Path(name)),
    "queue move": lambda box, name: box.runs.queue.move(name, up=True),
    "cli queue": lambda box, name: cli(box, "queue", "--move", name, "up"),
    "ratings": lambda box, file: import_ratings(
        Feedback(box.runs.root).folder(round_of_one(box)), file
    ),
    "cli ratings": lambda box, file: cli(box, "feedback", "import", round_of_one(box), file),
    "token": lambda box, file: read_token(file),
    "rename run": lambda box, name: box.runs.rename(own_run(box), name),
    "page rename run": lambda box, name: page(box).runs.actions._rename(
        own_run(box), name, REQUEST
    ),
    "calibration": lambda box, folder: CalibrationFolder(folder).read(),
    "cli calibration": lambda box, folder: cli(box, "calibrate", folder, "--result"),
}  # fmt: skip
