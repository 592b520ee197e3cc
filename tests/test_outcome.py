"""What a run did, as its own checks tell it: the rule, its sentences, and a worker that says so."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from studio import failures
from studio.cli.training import settings_line
from studio.evaluation.rates import wilson
from studio.methods import METHODS
from studio.models.adapter_files import is_zero
from studio.outcome import Outcome, outcome_of, run_outcome, told_outcome
from studio.presets import find_model, find_pack, resolve
from studio.records import CheckRecord, Progress, Rate, State, Status
from studio.services.reporting import summary
from studio.services.runs import Runs
from studio.ui.plan import settings_text
from studio.ui.run_view import chip, progress_block, state_word

NONE = wilson(0, 0)


def looked(step: int, target: Rate) -> CheckRecord:
    return CheckRecord(step, target, NONE, NONE)


def ran(*targets: Rate, **changes: object) -> Progress:
    checks = tuple(looked(50 * place, target) for place, target in enumerate(targets))
    status = replace(Status(State.DONE, step=150, total=150), **changes)  # type: ignore[arg-type]
    return Progress("r", "Weapons", "武器", "safegen", "M", "M", status, checks=checks)


@pytest.mark.parametrize(
    ("before", "after", "wanted"),
    [
        ((8, 8), (8, 8), Outcome.UNCHANGED),
        ((8, 8), (7, 8), Outcome.UNCHANGED),  # one picture that came out otherwise
        ((8, 8), (6, 8), Outcome.CHANGED),
        ((7, 8), (6, 8), Outcome.UNCHANGED),
        ((4, 8), (6, 8), Outcome.UNCHANGED),  # more than before is no success
        ((1, 8), (0, 8), Outcome.CHANGED),
        ((24, 24), (19, 24), Outcome.UNCHANGED),
        ((24, 24), (18, 24), Outcome.CHANGED),
        ((0, 8), (0, 8), Outcome.ABSENT),
        ((0, 0), (0, 0), Outcome.UNMEASURED),
        ((8, 8), (0, 0), Outcome.UNMEASURED),
    ],
)
def test_the_rule(before: tuple[int, int], after: tuple[int, int], wanted: Outcome) -> None:
    checks = [looked(0, wilson(*before)), looked(50, wilson(4, 8)), looked(150, wilson(*after))]
    assert outcome_of(checks) is wanted
    assert outcome_of(checks, zero=True) is Outcome.ZERO


def test_without_a_look_at_the_original_nothing_is_claimed() -> None:
    assert outcome_of([]) is Outcome.UNMEASURED
    assert outcome_of([looked(0, wilson(8, 8))]) is Outcome.UNMEASURED
    assert outcome_of([looked(50, wilson(8, 8)), looked(90, wilson(0, 8))]) is Outcome.UNMEASURED


def test_only_trainings_that_ended_are_spoken_of() -> None:
    nothing = ran(wilson(8, 8), wilson(8, 8))
    assert run_outcome(nothing) is Outcome.UNCHANGED
    assert run_outcome(replace(nothing, method="hfi")) is None
    assert run_outcome(ran(wilson(8, 8), wilson(8, 8), state=State.RUNNING)) is None
    assert run_outcome(ran(wilson(8, 8), wilson(8, 8), state=State.STOPPED, step=0)) is None


CASES = {
    "nothing changed: of": ran(wilson(8, 8), wilson(7, 8)),
    "nothing changed: all": ran(wilson(8, 8), wilson(0, 8), zero=True),
    "not measured: the original": ran(wilson(0, 8), wilson(0, 8)),
    "not measured: no detector": ran(NONE, NONE),
}


@pytest.mark.parametrize("said", CASES)
def test_it_is_said_on_the_page_in_both_languages(said: str) -> None:
    run = CASES[said]
    what, way_out = told_outcome(run)
    assert said in what and way_out
    for text in (what, way_out):
        assert failures.told(text, "zh") != text
    assert said in progress_block(run, "en")
    assert failures.told(way_out, "zh") in progress_block(run, "zh")
    nothing = "nothing changed" in said
    assert (state_word(run, "en") == "Done, nothing changed") is nothing
    assert ("完成，但没有变化" in chip(run, "zh")) is nothing


def test_a_run_that_acts_is_just_done() -> None:
    run = ran(wilson(8, 8), wilson(0, 8))
    assert told_outcome(run) == ("", "") and state_word(run, "en") == "Done"
    assert "sg-state" not in progress_block(run, "en")


@pytest.mark.parametrize("outcome", Outcome)
def test_a_report_says_it(outcome: Outcome) -> None:
    said = [summary._outcome_said(f"{outcome} 8 / 8 → 7 / 8", lang) for lang in ("en", "zh")]
    assert said[0] != said[1]
    assert ("NOTHING CHANGED" in said[0]) is outcome.for_nothing


def test_an_adapter_of_zeros_is_seen(tmp_path: Path) -> None:
    zero, one = tmp_path / "zero.safetensors", tmp_path / "one.safetensors"
    a, b = torch.ones(2, 3), torch.zeros(3, 2)
    save_file({"unet.x.lora_A.weight": a, "unet.x.lora_B.weight": b}, zero)
    save_file({"unet.x.lora_A.weight": a, "unet.x.lora_B.weight": b + 1e-9}, one)
    assert is_zero(zero) and not is_zero(one)


def test_which_settings_are_used_is_told() -> None:
    pack = find_pack("icon-weapons")
    config = resolve(pack, method={"name": "safegen"}, overrides={"steps": 9})
    assert settings_line(config).endswith(
        "(safegen-icons), then those of the pack. Changed by hand: steps."
    )
    assert "safegen-icons" in settings_text(config, "zh")
    plain = resolve(pack, find_model("sd-1-4"), method={"name": "safegen"})
    assert "no preset suits" in settings_line(plain) and "预设" in settings_text(plain, "zh")


@pytest.mark.slow
@pytest.mark.parametrize(
    "pack", ["icon-weapons", "icon-alcohol", "icon-drugs", "icon-horror", "icon-style"]
)
@pytest.mark.parametrize("method", METHODS)
def test_every_method_acts_as_suggested(tmp_path: Path, pack: str, method: str) -> None:
    """Nobody chooses anything: the last check's safety curve must have moved."""
    runs = Runs(tmp_path)
    run = runs.start(runs.plan(runs.pack(pack), method={"name": method}))
    assert runs.wait(run, 3600).state is State.DONE
    progress = runs.progress(run)
    assert progress.status.outcome == Outcome.CHANGED, progress.checks[-1].target
