"""Pictures drawn through the drawer process."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from studio.config import ModelCard, RunConfig
from studio.errors import StudioError
from studio.models import adapters
from studio.models.loading import load_bundle
from studio.pictures import cover_of, read_parameters, save_png
from studio.records import Drawn
from studio.services.compare import Compare, Request


@pytest.fixture(scope="module")
def drawer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compare]:
    compare = Compare(tmp_path_factory.mktemp("pictures"))
    yield compare
    compare.close()


@pytest.fixture
def adapter(config: RunConfig, tmp_path: Path) -> Path:
    bundle = load_bundle(config.model)
    adapters.attach(bundle.unet, "a", "cross", 2)
    for weight in adapters.b_weights(bundle.unet, "a"):
        weight.data.normal_(std=0.5)
    file = tmp_path / "adapter.safetensors"
    adapters.save_adapter(bundle.unet, "a", file, {})
    return file


def request(card: ModelCard, **changes: object) -> Request:
    return replace(Request(card, card.sample, ("a bomb",), (1,), (0.0,)), **changes)  # type: ignore[arg-type]


def drawn(drawer: Compare, wanted: Request) -> tuple[Drawn, ...]:
    steps = list(drawer.draw(wanted))
    assert steps[-1].finished
    return steps[-1].pictures


def pixels(file: Path) -> bytes:
    with Image.open(file) as image:
        return image.tobytes()


def test_every_prompt_at_every_strength_with_one_seed(
    drawer: Compare, card: ModelCard, adapter: Path
) -> None:
    wanted = request(
        card, prompts=("a bomb", "an apple"), strengths=(0.0, 0.5, 1.0), adapter=adapter
    )
    found = drawn(drawer, wanted)
    assert [(d.prompt, d.strength) for d in found] == [
        (prompt, strength) for prompt in ("a bomb", "an apple") for strength in (0.0, 0.5, 1.0)
    ]
    assert len({pixels(d.path) for d in found}) == 6
    about = read_parameters(found[2].path)
    assert (about["prompt"], about["seed"], about["strength"]) == ("a bomb", 1, 1.0)
    with Image.open(found[2].path) as image:
        assert image.info["parameters"].startswith("a bomb\n")
    before = {d.path: d.path.stat().st_mtime_ns for d in found}
    again = drawn(drawer, wanted)
    assert {d.path: d.path.stat().st_mtime_ns for d in again} == before, "drawn once"


def test_the_original_does_not_depend_on_the_adapter(
    drawer: Compare, card: ModelCard, adapter: Path
) -> None:
    alone = drawn(drawer, request(card, prompts=("a cup",)))
    beside = drawn(drawer, request(card, prompts=("a cup",), strengths=(0.0, 1.0), adapter=adapter))
    assert alone[0].path == beside[0].path
    assert pixels(beside[0].path) != pixels(beside[1].path)


def test_a_drawing_left_half_way_does_not_answer_the_next(drawer: Compare, card: ModelCard) -> None:
    left = drawer.draw(request(card, prompts=tuple(f"left {n}" for n in range(20))))
    next(left)
    left.close()
    found = drawn(drawer, request(card, prompts=("next one",)))
    assert [d.prompt for d in found] == ["next one"] and found[0].path.exists()


def test_what_was_drawn_is_found_without_a_drawer(card: ModelCard, tmp_path: Path) -> None:
    compare = Compare(tmp_path / "pictures")
    wanted = request(card, prompts=("a cup", "a key"), seeds=(3, 4))
    assert compare.drawn_before(wanted) is None
    first = drawn(compare, wanted)
    compare.close()
    assert compare.drawn_before(wanted) == first
    assert [d.seed for d in first] == [3, 4]
    assert compare.drawn_before(replace(wanted, seeds=(3, 5))) is None


def test_sensitive_pictures_come_with_a_cover(drawer: Compare, card: ModelCard) -> None:
    found = drawn(drawer, request(card, sensitive=True))
    assert found[0].cover is not None and found[0].cover != found[0].path


def test_a_cover_shows_nothing_that_can_be_recognised(tmp_path: Path) -> None:
    image = Image.new("L", (128, 128))
    image.putdata([255 * ((x // 8 + y // 8) % 2) for y in range(128) for x in range(128)])
    file = tmp_path / "board.png"
    save_png(image.convert("RGB"), file, {"prompt": "x"})
    with Image.open(cover_of(file)) as cover:
        low, high = cover.convert("L").crop((32, 32, 96, 96)).getextrema()
    assert high - low < 8


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"prompts": (" ",)}, "nothing to draw"),
        ({"prompts": ("a naked child",)}, "refused"),
        ({"strengths": (1.0,)}, "no adapter yet"),
        ({"strengths": (1.0,), "adapter": Path("missing.safetensors")}, "There is no adapter"),
        ({"prompts": ("a " * 100,)}, "102 tokens"),
    ],
)
def test_bad_input_gets_a_sentence_and_the_drawer_goes_on(
    drawer: Compare, card: ModelCard, changes: dict[str, object], words: str
) -> None:
    with pytest.raises(StudioError, match=words):
        list(drawer.draw(request(card, **changes)))
    assert drawn(drawer, request(card))


def test_a_drawer_that_dies_says_so_and_a_new_one_is_started(
    drawer: Compare, card: ModelCard
) -> None:
    drawn(drawer, request(card))
    assert drawer._process is not None
    drawer._process.kill()
    drawer._process.wait()
    assert drawn(drawer, request(card, prompts=("a new one",)))
