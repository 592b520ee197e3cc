"""A model, word or adapter that breaks is no safeguard: what is not finite is no picture."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from studio.config import AdapterUse, Column, ModelCard, RunConfig, SampleConfig
from studio.errors import StudioError
from studio.evaluation.judge import load_judge
from studio.evaluation.pictures import draw_all
from studio.evaluation.prompts import Question
from studio.failures import told
from studio.jobs.checks import Checks
from studio.jobs.drawer import Drawer
from studio.jobs.drawing import DrawJob
from studio.jobs.judging import judge_columns
from studio.jobs.run_folder import RunFolder
from studio.jobs.triplet_maker import make_triplets
from studio.jobs.worker import Worker
from studio.methods.safegen import SafegenConfig
from studio.models import adapters
from studio.models.finite import finite_rows
from studio.models.loading import Bundle, load_bundle
from studio.models.sampler import decode, to_pil
from studio.models.vae import latents_of
from studio.records import State
from studio.services.evaluations import Evaluations
from studio.services.report import Reports
from studio.services.reporting.summary import untested
from studio.services.runs import Runs
from tests.conftest import BROKEN_AT
from tests.evaluating import FAMILIES, evaluate, made


@pytest.fixture
def bundle(broken: ModelCard) -> Bundle:
    return load_bundle(broken)


SAMPLE = SampleConfig(steps=2, guidance=3.0)


def test_one_broken_picture_leaves_its_neighbours_alone(bundle: Bundle, card: ModelCard) -> None:
    prompts, seeds = ["a bomb", "a knife", "a spoon"], [1, 2, 3]
    (found,) = draw_all(bundle, prompts, seeds, SAMPLE)
    assert finite_rows(found) == [True, False, True]
    assert bool(found[1].isnan().all())
    (whole,) = draw_all(load_bundle(card), prompts, seeds, SAMPLE)
    torch.testing.assert_close(found[[0, 2]], whole[[0, 2]], atol=1e-5, rtol=0)
    with pytest.raises(StudioError, match="1 of 3 pictures came out as no numbers"):
        to_pil(found)


@pytest.mark.parametrize("value", [torch.inf, -torch.inf, torch.nan])
def test_one_pixel_that_clamping_would_hide_is_enough(bundle: Bundle, value: float) -> None:
    handle = bundle.vae.decoder.register_forward_hook(
        lambda module, inputs, found: found.index_put(
            tuple(torch.tensor([place]) for place in (1, 0, 3, 3)), torch.tensor(value)
        )
    )
    pictures = decode(bundle, torch.zeros(2, *bundle.latent_shape))
    handle.remove()
    assert finite_rows(pictures) == [True, False]


def overflowing(bundle: Bundle, part: torch.nn.Module) -> torch.utils.hooks.RemovableHandle:
    """Let a part of the autoencoder overflow in half precision only, in its last picture."""

    def spoil(module: torch.nn.Module, inputs: object, found: Tensor) -> Tensor:
        if found.dtype == torch.float32:
            return found
        return torch.cat([found[:-1], found[-1:] * torch.inf])

    bundle.vae.to(torch.bfloat16)
    return part.register_forward_hook(spoil)


def test_a_decoder_that_overflows_in_half_is_asked_again_in_single(bundle: Bundle) -> None:
    latents = torch.randn(3, *bundle.latent_shape)
    single = decode(bundle, latents)
    overflowing(bundle, bundle.vae.decoder)
    found = decode(bundle, latents)
    assert finite_rows(found) == [True] * 3
    assert bundle.vae.dtype == torch.bfloat16
    torch.testing.assert_close(found[2], single[2], atol=0.05, rtol=0)
    assert not torch.equal(found[0], single[0]), "the others stay as they were"
    latents[1] = torch.nan
    assert finite_rows(decode(bundle, latents)) == [True, False, True]


def test_an_encoder_too(bundle: Bundle) -> None:
    image = to_pil(torch.rand(1, 3, 32, 32) * 2 - 1)
    single = latents_of(bundle, image)
    overflowing(bundle, bundle.vae.encoder)
    torch.testing.assert_close(latents_of(bundle, image), single, atol=0.05, rtol=0)
    bundle.vae.encoder.register_forward_hook(lambda module, inputs, found: found * torch.nan)
    with pytest.raises(StudioError, match="Tiny is broken"):
        latents_of(bundle, image)


def test_the_judge_never_looks_at_what_is_no_picture() -> None:
    judge = load_judge("icon-world")
    assert judge
    with pytest.raises(ValueError, match="not finite"):
        judge.see(torch.full((1, 3, 32, 32), torch.nan))


def draw(card: ModelCard, columns: list[Column], prompts: list[str], folder: Path) -> list[Path]:
    files = [folder / f"{c}-{p}.png" for c in range(len(columns)) for p in range(len(prompts))]
    pictures = [
        {"prompt": prompt, "seed": 1, "column": place, "file": str(folder / f"{place}-{p}.png")}
        for place in range(len(columns))
        for p, prompt in enumerate(prompts)
    ]
    values = {"model": card, "sample": SAMPLE, "columns": columns, "pictures": pictures}
    job = DrawJob.model_validate(values)
    for _ in Drawer().draw(job):
        continue
    return files


def test_drawing_says_so_and_keeps_the_others(broken: ModelCard, tmp_path: Path) -> None:
    with pytest.raises(StudioError, match=r"1 of 2 pictures came out.*a knife") as caught:
        draw(broken, [Column()], ["a knife", "a bomb"], tmp_path)
    assert [file.name for file in tmp_path.glob("*.png")] == ["0-1.png"]
    assert "NaN" in told(caught.value.what, "zh") and "图片" in told(caught.value.what, "zh")


def test_an_adapter_that_overflows_draws_no_black_picture(card: ModelCard, tmp_path: Path) -> None:
    bundle = load_bundle(card)
    adapters.attach(bundle.unet, "a", "cross", 2)
    for weight in adapters.trained(bundle.unet, "a"):
        weight.data.fill_(1e38)
    file = tmp_path / "huge.safetensors"
    adapters.save_adapter(bundle.unet, "a", file, {})
    column = Column(adapters=(AdapterUse(name="huge", file=str(file)),))
    with pytest.raises(StudioError, match="1 of 2 pictures came out as no numbers"):
        draw(card, [Column(), column], ["a bomb"], tmp_path)
    assert [place.name for place in tmp_path.glob("*.png")] == ["0-0.png"]


def test_an_evaluation_counts_it_as_not_measured(
    broken: ModelCard, config: RunConfig, tmp_path: Path
) -> None:
    studio = Evaluations(tmp_path / "runs")
    bundle = load_bundle(broken)
    adapters.attach(bundle.unet, "a", "cross", 2)
    file = tmp_path / "a.safetensors"
    adapters.save_adapter(bundle.unet, "a", file, {})
    columns = [Column(adapters=(AdapterUse(name="a", file=str(file)),))]
    planned = studio.plan(
        "icon-world", columns, config.pack, count=6, model=broken, scorers=["lpips"][:0]
    )
    few = planned.prompts.model_copy(update={"families": FAMILIES})
    folder = made(studio, planned.model_copy(update={"prompts": few}))
    assert evaluate(folder) is State.DONE, folder.log_tail()
    rows = folder.rows()
    spoilt = {row.row for row in rows if BROKEN_AT in row.prompt.lower().replace(" ", "")[:75]}
    assert 0 < len(spoilt) < len(rows)
    for label in ("original", "a"):
        assert folder.broken(label) == spoilt
        assert folder.answers(label).keys() == {row.row for row in rows} - spoilt
        assert folder.looked_at(label) == {row.row for row in rows}
        assert all(folder.picture(label, row.row).exists() != (row.row in spoilt) for row in rows)
    assert sum(found.n for found in studio.aggregates(folder.id)["a"]) <= len(rows) - len(spoilt)
    assert "not measured" in folder.log_tail()
    told_of = Reports(Runs(tmp_path / "runs")).make(folder.id, "a")
    assert told_of.about["not_measured"] == str(len(spoilt))
    assert f"{len(spoilt)} prompts whose picture" in " ".join(untested(told_of, "en"))
    before = folder.count_answers()
    assert evaluate(folder) is State.DONE
    assert folder.count_answers() == before == 2 * len(rows), "nothing is drawn twice"


def test_a_picture_that_cannot_be_read_is_drawn_again(
    card: ModelCard, config: RunConfig, tmp_path: Path
) -> None:
    studio = Evaluations(tmp_path / "runs")
    judged = card.model_copy(update={"judge": "icon-world"})
    folder = made(studio, studio.plan("icon-world", [], config.pack, count=1, model=judged))
    assert evaluate(folder) is State.DONE
    whole = folder.answers("original")
    picture = folder.picture("original", 0)
    picture.write_bytes(picture.read_bytes()[:60])
    for file in (folder.path / "answers").glob("*.jsonl"):
        file.unlink()
    assert evaluate(folder) is State.DONE, folder.log_tail()
    assert folder.answers("original") == whole


def test_the_judge_counts_it_as_not_measured(broken: ModelCard) -> None:
    asked = [("a knife", "knife"), ("a bomb", "bomb"), ("a spoon", "spoon")]
    kinds = ("target", "target", "unrelated")
    questions = [
        Question(prompt, 1, kind, shows)  # type: ignore[arg-type]
        for (prompt, shows), kind in zip(asked, kinds, strict=True)
    ]
    _, (before, after) = judge_columns(broken, [Column(), Column()], questions)
    assert before.shown[0] is None and before.not_measured == 1
    assert (before.rates()["leak"]["n"], before.rates()["keep"]["n"]) == (1, 1)
    after.shown[1] = None
    change = after.since(before)
    assert (change["leak"]["n"], change["keep"]["n"]) == (0, 1)


def test_training_on_a_broken_base_says_so_before_the_first_step(
    broken: ModelCard, config: RunConfig, tmp_path: Path
) -> None:
    folder = RunFolder.create(tmp_path / "runs", config.model_copy(update={"model": broken}))
    Worker(folder).run()
    status = folder.stored_status()
    assert status.state is State.FAILED and status.step == 0
    assert status.what.startswith("Tiny is broken")
    assert not folder.adapter.exists() and not folder.read().samples


def test_a_base_that_breaks_only_in_a_probe_too(
    broken: ModelCard, config: RunConfig, tmp_path: Path
) -> None:
    folder = RunFolder.create(tmp_path / "runs", config.model_copy(update={"model": broken}))
    probes = config.pack.probes
    knife = probes[0].model_copy(update={"prompt": "a knife"})
    changed = config.model_copy(
        update={
            "model": broken,
            "pack": config.pack.model_copy(update={"probes": (knife, *probes[1:])}),
        }
    )
    folder = RunFolder.create(tmp_path / "runs", changed)
    checks = Checks(folder, load_bundle(broken), "", lambda: None)
    with pytest.raises(StudioError, match="Tiny is broken"):
        checks.look(0)
    checks.look(2)
    read = folder.read()
    assert (read.checks[0].target.n, read.checks[0].unrelated.n) == (0, 1)
    assert len(read.samples) == 2
    assert "1 of 3 probes" in folder.log_tail()


def test_triplets_are_made_of_pictures_only(
    bundle: Bundle, config: RunConfig, tmp_path: Path
) -> None:
    pack = config.pack.model_copy(update={"keep": ("spoon", "kite")})
    wanted = SafegenConfig(mask="whole", count=3)
    made_of = make_triplets(bundle, None, pack, wanted, tmp_path / "t")
    assert len(made_of.rows) == 3
    assert all(BROKEN_AT not in row.prompt for row in made_of.rows)
    for weight in bundle.unet.parameters():
        weight.data.fill_(torch.nan)
    with pytest.raises(StudioError):
        make_triplets(bundle, None, pack, SafegenConfig(mask="whole", count=1), tmp_path / "n")
