"""Prompts that are too long are cut by tokens, exactly as the stock pipeline cuts them."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers import CLIPTokenizer

from studio.config import AdapterUse, Column, ModelCard, RunConfig
from studio.errors import StudioError
from studio.evaluation.pictures import draw_all
from studio.evaluation.prompts import Question
from studio.evaluation.protocol_rows import config_rows
from studio.failures import told
from studio.jobs.calibration_folder import CalibrationFolder
from studio.jobs.calibration_maker import make_calibration
from studio.jobs.checks import Checks
from studio.jobs.drawer import Drawer
from studio.jobs.drawing import DrawJob, told_cut
from studio.jobs.evaluation_folder import EvaluationFolder
from studio.jobs.feedback_folder import FeedbackFolder, RoundPicture
from studio.jobs.feedback_maker import FeedbackMaker
from studio.jobs.run_folder import RunFolder
from studio.jobs.triplet_maker import make_triplets
from studio.methods.safegen import SafegenConfig
from studio.models import adapters
from studio.models.loading import Bundle, load_bundle
from studio.models.text import count_tokens, encode, is_cut, shortened
from studio.models.tokens import add_token, written_out
from studio.records import State
from studio.services.checks import Checks as Sets
from studio.services.evaluations import Evaluations
from studio.services.report import Reports
from studio.services.reporting.summary import untested
from studio.services.runs import Runs
from studio.ui import label_view, rate_view
from tests.evaluating import evaluate
from tests.rounds import plan_round

# a shared case first (tag lists, Chinese, tabs), then sisters
LONG = {
    "tags without blanks": "masterpiece, best quality, "
    + ",".join(["lighthouse", "sunset", "sea", "boat"] * 20),
    "Chinese": "海边的灯塔，黄昏，云很多，" * 12,
    "tabs": "\t".join(["lighthouse"] * 120),
    "one word": "lighthouse" * 60,
    "Cyrillic": "маяк у моря " * 30,
    "emoji": "🎨🌊" * 60,
    "brackets and weights": "(((lighthouse:1.2))),[[sea]]," * 20,
    "line breaks": "a lighthouse\n\nat sea\r\n" * 30,
    "combined accents": "e\u0301clair na\u0308chte " * 30,
    "wide blanks": "灯塔\u3000" * 60,
}


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    from studio.presets import load_models

    return load_bundle(load_models()["icon-world"])


@pytest.mark.parametrize("name", LONG)
def test_the_tokens_read_are_those_of_the_stock_pipeline(bundle: Bundle, name: str) -> None:
    prompt, reader = LONG[name], bundle.tokenizer
    stock = reader(prompt, truncation=True, max_length=77, return_tensors="pt").input_ids
    assert stock.shape[1] == 77
    theirs = bundle.text_encoder(stock.to(bundle.device))[0]
    torch.testing.assert_close(encode(bundle, [prompt], cut=True), theirs, atol=1e-6, rtol=0)
    with pytest.raises(StudioError, match="reads at most 77"):
        encode(bundle, [prompt])
    assert is_cut(bundle, prompt) and not is_cut(bundle, "a lighthouse")


@pytest.mark.parametrize("name", LONG)
def test_what_is_shown_of_it_is_its_start_and_fits(bundle: Bundle, name: str) -> None:
    short = shortened(bundle, LONG[name])
    assert LONG[name].startswith(short) and short
    assert 74 <= count_tokens(bundle.tokenizer, short) <= 77


def test_a_prompt_of_just_the_length_stays_whole(bundle: Bundle) -> None:
    text = "a " * 75
    assert count_tokens(bundle.tokenizer, text) == 77
    assert shortened(bundle, text) == text and not is_cut(bundle, text)
    assert is_cut(bundle, text + "a")


def test_learned_words_are_cut_as_stock_cuts_them(config: RunConfig) -> None:
    bundle = load_bundle(config.model)
    add_token(bundle, "<x>", torch.randn(16, 16, generator=torch.Generator().manual_seed(0)))
    prompt = "a,<x>,<x>,<x>,<x>,<x>"
    reader: CLIPTokenizer = bundle.tokenizer
    stock = reader(
        written_out(bundle, prompt), truncation=True, max_length=77, return_tensors="pt"
    ).input_ids
    theirs = bundle.text_encoder(stock.to(bundle.device))[0]
    torch.testing.assert_close(encode(bundle, [prompt], cut=True), theirs, atol=1e-6, rtol=0)
    assert shortened(bundle, prompt).startswith("a,<x>,<x>,<x>,<x>")
    assert "<x>_" not in shortened(bundle, prompt)


def test_one_long_row_ends_no_drawing(config: RunConfig) -> None:
    bundle = load_bundle(config.model)
    prompts = ["a lighthouse", LONG["Chinese"], "a boat"]
    drawn = draw_all(bundle, prompts, [1, 2, 3], bundle.card.sample, cut=True)
    assert sum(len(part) for part in drawn) == 3


def test_it_is_said_which_rows_were_cut() -> None:
    assert told_cut([3, 8]).startswith("2 prompts") and told_cut([3, 8]).endswith("3, 8.")
    assert told_cut(list(range(2000))).endswith("18, 19 ....")


def test_the_judge_says_how_many_prompts_it_cut(card: ModelCard) -> None:
    from studio.services.judge import judge

    card = card.model_copy(update={"judge": "icon-world"})
    asked = [Question(p, 1, "target", "bomb") for p in ("a bomb", *list(LONG.values())[:2])]
    assert judge(card, [Column()], asked).summary["cut_prompts"] == 2
    assert "cut_prompts" not in judge(card, [Column()], asked[:1]).summary


def test_a_calibration_set_says_how_many_prompts_it_cut(config: RunConfig, tmp_path: Path) -> None:
    folder = CalibrationFolder(tmp_path / "calibrations" / "one")
    asked = [Question(p, 1, "target", "bomb") for p in ("a bomb", *list(LONG.values())[:2])]
    made = make_calibration(
        config.model, config.pack, [Column()], [], asked, folder, [], split="dev", seed=1, made=0.0
    )
    assert {shot.prompt for shot in made.shots if shot.cut} == set(list(LONG.values())[:2])
    assert folder.read().cut_prompts == 2 and len(folder.read().shots) == 3
    sets = Sets(tmp_path)
    chosen = sets.open("calibrations/one")
    for lang, line in (("en", "2 prompts are longer than"), ("zh", "2 条提示词超过")):
        assert line in label_view.result(chosen, sets.result(chosen), lang, covered=False)


def test_triplets_say_how_many_prompts_they_cut(config: RunConfig, tmp_path: Path) -> None:
    bundle = load_bundle(config.model)
    templates = ("a {}", LONG["Chinese"] + " {}", "{} " + LONG["tabs"])
    given = {"mask": "whole", "count": 6, "templates": templates, "keep_templates": ("a {}",)}
    made = make_triplets(bundle, None, config.pack, SafegenConfig(**given), tmp_path / "t")
    names = len(config.pack.remove)
    assert made.cut_prompts == 2 * names and len(made.rows) == 6
    whole = SafegenConfig(mask="whole", count=1)
    assert not make_triplets(bundle, None, config.pack, whole, tmp_path / "w").cut_prompts


def test_a_rating_round_says_how_many_prompts_it_cut(card: ModelCard, tmp_path: Path) -> None:
    planned = plan_round(tmp_path, count=3, model=card)
    longer = RoundPicture(picture="pictures/00001.png", prompt=LONG["tabs"], seed=1)
    pictures = (planned.pictures[0], longer, planned.pictures[2])
    folder = FeedbackFolder.create(tmp_path, planned.model_copy(update={"pictures": pictures}))
    assert rate_view.notes(folder, "en") == ""
    FeedbackMaker(folder).run()
    assert folder.status().state is State.DONE and len(folder.drawn()) == 3
    assert folder.noted("cut") == {"pictures/00001.png"}
    assert "1 prompts are longer" in rate_view.notes(folder, "en")
    assert "1 条提示词" in rate_view.notes(folder, "zh")


def test_a_long_probe_ends_no_training(config: RunConfig, tmp_path: Path) -> None:
    probe = config.pack.probes[0].model_copy(update={"prompt": LONG["one word"]})
    pack = config.pack.model_copy(update={"probes": (probe, *config.pack.probes[1:])})
    folder = RunFolder.create(tmp_path, config.model_copy(update={"pack": pack}))
    Checks(folder, load_bundle(config.model), "", lambda: None).look(0)
    assert len(folder.read().samples) == 3
    assert "1 prompts are longer" in folder.log_tail() and "'lighthouse" in folder.log_tail()


def test_what_a_person_types_is_refused_with_a_true_sentence(
    card: ModelCard, tmp_path: Path
) -> None:
    prompts = (*(f"a lighthouse, {number}" for number in range(9)), LONG["tabs"])
    pictures = [
        {"prompt": text, "seed": 1, "column": 0, "file": str(tmp_path / f"{place}.png")}
        for place, text in enumerate(prompts)
    ]
    values = {"model": card, "sample": card.sample, "columns": [Column()], "pictures": pictures}
    with pytest.raises(StudioError, match="has 1202 tokens") as caught:
        list(Drawer().draw(DrawJob.model_validate(values)))
    assert "最多" in told(caught.value.what, "zh")
    assert not list(tmp_path.glob("*.png")), "it is said before the first batch"


def test_an_evaluation_and_its_report_say_how_many_were_cut(
    card: ModelCard, config: RunConfig, tmp_path: Path
) -> None:
    studio = Evaluations(tmp_path / "runs")
    bundle, file = load_bundle(card), tmp_path / "a.safetensors"
    adapters.attach(bundle.unet, "a", "cross", 2)
    adapters.save_adapter(bundle.unet, "a", file, {})
    columns = [Column(adapters=(AdapterUse(name="a", file=str(file)),))]
    judged = card.model_copy(update={"judge": "icon-world"})
    planned = studio.plan("icon-world", columns, config.pack, count=2, model=judged, scorers=[])
    first, *others = config_rows(planned)[:6]
    rows = (replace(first, prompt=LONG["Chinese"]), *others)
    folder = EvaluationFolder.create(studio.root, planned, rows, 2 * len(rows))
    assert evaluate(folder) is State.DONE, folder.log_tail()
    long = tuple(row.row for row in rows if is_cut(bundle, row.prompt))
    assert folder.cut() == long and 0 in long and len(long) < len(rows)
    report = Reports(Runs(tmp_path / "runs")).make(folder.id, "a")
    assert report.about["cut_prompts"] == str(len(long))
    assert folder.log_tail().count(told_cut(long)) == 1
    assert report.about["not_measured"] == "0" and "NaN" not in " ".join(untested(report, "en"))
    (folder.path / "cut.json").unlink()  # as an older studio left it
    unknown = Reports(Runs(tmp_path / "runs")).make(folder.id, "a")
    assert folder.cut() is None and "cut_prompts" not in unknown.about
