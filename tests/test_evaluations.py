"""Evaluations as runs: nothing is drawn twice, sharing changes nothing, every end says so."""

import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from studio.config import AdapterUse, Column, RunConfig
from studio.durable import drop_half_line
from studio.errors import StudioError
from studio.evaluation.findings import Row
from studio.evaluation.judge import load_judge
from studio.evaluation.pictures import draw_all
from studio.evaluation.protocol import FLOOR, EvaluationConfig
from studio.evaluation.protocol_rows import FLOOR_SEEDS, config_rows
from studio.evaluation.quality import files, score_all
from studio.jobs import evaluator, sharing
from studio.jobs.answering import Answering
from studio.jobs.evaluation_folder import EvaluationFolder
from studio.lives import boot, uptime
from studio.models import adapters
from studio.models.loading import load_bundle
from studio.pictures import read_parameters
from studio.records import State, Status
from studio.services.evaluations import Evaluations
from tests.evaluating import FAMILIES, all_answers, drawn, evaluate, lines, made, until

SECONDS = 120.0
Plan = Callable[..., EvaluationConfig]


@pytest.fixture
def studio(tmp_path: Path) -> Evaluations:
    return Evaluations(tmp_path / "runs")


@pytest.fixture
def adapter(config: RunConfig, tmp_path: Path) -> Path:
    """An adapter of the tiny model that changes its pictures."""
    torch.manual_seed(0)
    bundle = load_bundle(config.model)
    adapters.attach(bundle.unet, "made", "cross", 2)
    for weight in adapters.trained(bundle.unet, "made"):
        torch.nn.init.normal_(weight, std=0.5)
    file = tmp_path / "made.safetensors"
    adapters.save_adapter(bundle.unet, "made", file, {})
    return file


@pytest.fixture
def plan(studio: Evaluations, config: RunConfig, adapter: Path) -> Plan:
    """Original and safeguarded on the tiny model, judged by Icon World's judge."""
    column = Column(adapters=(AdapterUse(name="made", file=str(adapter)),))

    def make(count: int = 3, steps: int = 3, scorers: Sequence[str] = ()) -> EvaluationConfig:
        sample = config.model.sample.model_copy(update={"steps": steps})
        card = config.model.model_copy(update={"sample": sample, "judge": "icon-world"})
        planned = studio.plan(
            "icon-world", [column], config.pack, count=count, model=card, scorers=scorers
        )
        few = planned.prompts.model_copy(update={"families": FAMILIES})
        return planned.model_copy(update={"prompts": few})

    return make


def test_every_row_is_drawn_and_answered_in_every_column(studio: Evaluations, plan: Plan) -> None:
    folder = made(studio, plan())
    assert evaluate(folder) is State.DONE, folder.log_tail()
    rows = folder.rows()
    assert [row.row for row in rows] == list(range(12))
    assert {row.family for row in rows} == {"direct", "indirect", "neighbours", "others"}
    assert sorted(lines(folder)) == [(c, n) for c in ("made", "original") for n in range(12)]
    for label in ("original", "made"):
        assert folder.answers(label).keys() == set(range(12))
        about = read_parameters(folder.picture(label, 5))
        assert (about["prompt"], about["seed"]) == (rows[5].prompt, rows[5].seed)
        assert about["active"] == label
        seconds, pictures = folder.timing(label)
        assert seconds > 0 and pictures == 12
    pairs = [[folder.picture(c, 0).read_bytes() for c in ("original", "made")]]
    assert all(one != other for one, other in pairs), "the adapter did not act"
    status = folder.status()
    assert status.step == status.total == 24 and status.seconds_left is None
    first, second = folder.profiles()
    assert first.id == "icon-world" and len(first.model) >= 12 and first.threshold == 0.5
    assert second.id == "icon-world-2" and second.model != first.model
    assert "torch" in folder.environment() and folder.environment()["device"].startswith("CPU ×")


def test_the_answers_are_those_of_the_judge_on_the_pictures_of_bare_drawing(
    studio: Evaluations, plan: Plan
) -> None:
    folder = made(studio, plan())
    evaluate(folder)
    rows, config = folder.rows(), folder.config
    bundle = load_bundle(config.model)
    asked = [r.prompt for r in rows], [r.seed for r in rows]
    pictures = torch.cat(list(draw_all(bundle, *asked, config.sample, cut=True)))
    kept = files.read([folder.picture("original", row.row) for row in rows])
    assert (kept - pictures).abs().max() <= 1.01 / 127.5
    judge = load_judge("icon-world")
    assert judge
    shown = judge.shows(kept, [row.shows for row in rows])
    answers = folder.answers("original")
    assert [answers[row.row]["icon-world"] for row in rows] == shown


def test_stopped_then_resumed_draws_no_picture_twice(
    studio: Evaluations, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, folder = made(studio, plan()), made(studio, plan())
    evaluate(whole)
    monkeypatch.setattr(evaluator, "LOOKED_AT_ONCE", 2)
    monkeypatch.setattr("studio.evaluation.pictures.AT_ONCE_SMALL", 2)
    keep = Answering.keep

    def keep_then_stop(self: Answering, rows: list[Row], pictures: torch.Tensor) -> None:
        keep(self, rows, pictures)
        folder.ask_stop()

    with monkeypatch.context() as patch:
        patch.setattr(Answering, "keep", keep_then_stop)
        assert evaluate(folder) is State.STOPPED
    before, answered = drawn(folder), lines(folder)
    assert 0 < len(before) < 24 and len(answered) == len(before)
    folder.answered("stop")
    assert evaluate(folder) is State.DONE
    after = drawn(folder)
    assert {file: after[file] for file in before} == before
    assert sorted(lines(folder)) == sorted(lines(whole))
    assert all_answers(folder) == all_answers(whole)


def test_half_a_line_is_dropped_and_its_picture_looked_at_again_not_drawn_again(
    studio: Evaluations, plan: Plan
) -> None:
    folder = made(studio, plan())
    evaluate(folder)
    file, answers, before = folder.answer_file("made", 0), all_answers(folder), drawn(folder)
    file.write_text(file.read_text()[:-9])
    assert len(folder.answers("made")) == 11
    assert evaluate(folder) is State.DONE
    assert drawn(folder) == before
    assert all_answers(folder) == answers and len(lines(folder)) == 24
    drop_half_line(file)
    assert len(lines(folder)) == 24


def test_two_processes_give_the_answers_of_one(studio: Evaluations, plan: Plan) -> None:
    one, two = made(studio, plan()), made(studio, plan())
    evaluate(one)
    assert evaluate(two, 1, 2) is State.DONE
    assert two.status().state is State.QUEUED, "only the first process tells how far all are"
    assert {row % 2 for _, row in lines(two)} == {1}
    assert evaluate(two, 0, 2) is State.DONE
    assert sorted(lines(two)) == sorted(lines(one))
    assert all_answers(two) == all_answers(one)
    assert two.stored_status().step == 24


def test_a_process_that_failed_or_is_gone_ends_the_wait(
    studio: Evaluations, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = made(studio, plan())
    folder.write_rank_status(1, Status(State.FAILED, what="It broke.", way_out="Mend it."))
    assert evaluate(folder, 0, 2) is State.FAILED
    assert folder.stored_status().what == "It broke."
    folder.write_rank_status(1, Status(State.RUNNING, pid=2**22 + 1, boot=boot(), heard=uptime()))
    assert evaluate(folder, 0, 2) is State.FAILED
    assert "ended without a message" in folder.stored_status().what
    monkeypatch.setattr(evaluator, "HEARTBEAT_SECONDS", 0.0)
    assert evaluate(folder, 1, 2) is State.STOPPED, "the first one failed, so the others end"
    folder.forget_ranks()
    monkeypatch.setattr(sharing, "PATIENCE_SECONDS", 0.1)
    assert evaluate(folder, 0, 2) is State.FAILED
    assert len(lines(folder)) == 12, "its own share is kept"
    assert evaluate(folder) is State.DONE


@pytest.mark.slow
def test_torchrun_starts_two_that_give_the_answers_of_one(studio: Evaluations, plan: Plan) -> None:
    one = made(studio, plan())
    evaluate(one)
    two = studio.folder(studio.start(plan(), processes=2))
    assert studio.wait(two.id, SECONDS).state is State.DONE, two.log_tail()
    assert {file.name for file in (two.path / "answers").iterdir()} == {
        f"{label}.{rank}.jsonl" for label in ("original", "made") for rank in (0, 1)
    }
    assert all_answers(two) == all_answers(one)


def test_a_worker_that_is_gone_is_interrupted(studio: Evaluations, plan: Plan) -> None:
    folder = made(studio, plan())
    folder.write_status(Status(State.RUNNING, step=3, pid=os.getpid(), heartbeat=time.time()))
    status = folder.status()
    assert status.state is State.INTERRUPTED, "this process is not its worker"
    assert "ended without a message" in status.what and "Resume it" in status.way_out
    folder.write_status(Status(State.QUEUED, boot=boot(), heard=uptime() - 3600))
    assert studio.list()[0].status.state is State.INTERRUPTED, "nobody ever came"


@pytest.mark.slow
def test_a_killed_worker_is_interrupted_and_resumes(studio: Evaluations, plan: Plan) -> None:
    folder = studio.folder(studio.start(plan(count=40, steps=20)))
    until(lambda: len(drawn(folder)) > 16)
    pid = folder.status().pid
    assert pid
    os.kill(pid, signal.SIGKILL)
    until(lambda: folder.status().state is State.INTERRUPTED, 10)
    assert "Resume it" in folder.status().way_out
    assert studio.list()[0].status.state is State.INTERRUPTED
    before = drawn(folder)
    studio.resume(folder.id)
    with pytest.raises(StudioError, match="still at work"):
        studio.resume(folder.id)
    until(lambda: len(drawn(folder)) > len(before))
    studio.stop(folder.id)
    assert studio.wait(folder.id, SECONDS).state is State.STOPPED, folder.log_tail()
    after = drawn(folder)
    assert {file: after[file] for file in before} == before
    assert len(set(lines(folder))) == len(lines(folder))


def test_a_changed_adapter_is_noticed(studio: Evaluations, plan: Plan, adapter: Path) -> None:
    folder = made(studio, plan())
    folder.write_status(Status(State.STOPPED))
    adapter.write_bytes(adapter.read_bytes() + b" ")
    with pytest.raises(StudioError, match="The adapter made changed"):
        studio.resume(folder.id)
    assert evaluate(folder) is State.FAILED
    assert "changed" in folder.stored_status().what and not drawn(folder)
    adapter.unlink()
    with pytest.raises(StudioError, match="The adapter made is not there"):
        plan()


def test_what_is_done_or_unknown_is_refused(studio: Evaluations, plan: Plan) -> None:
    folder = made(studio, plan())
    folder.write_status(Status(State.DONE))
    with pytest.raises(StudioError, match="is done"):
        studio.resume(folder.id)
    for name in ("missing", "", "../.."):
        with pytest.raises(StudioError, match="There is no evaluation"):
            studio.folder(name)
    (folder.path / "evaluation.yaml").write_text("pack: 1")
    with pytest.raises(StudioError, match="is no evaluation"):
        _ = folder.config
    assert studio.list() == []


def test_a_detector_that_cannot_look_for_it_fails_before_anything_is_drawn(
    studio: Evaluations, plan: Plan
) -> None:
    config = plan()
    rows = [replace(row, shows="unicorn") for row in config_rows(config)]
    folder = EvaluationFolder.create(studio.root, config, rows, 24)
    assert evaluate(folder) is State.FAILED
    assert "knows no 'unicorn'" in folder.stored_status().what and not drawn(folder)


def test_scorers_compare_what_must_be_kept_beside_a_noise_floor(
    studio: Evaluations, plan: Plan
) -> None:
    config = plan(scorers=["kid", "feature-distance", "cmmd"])
    folder = made(studio, config)
    assert evaluate(folder) is State.DONE, folder.log_tail()
    kept = [row for row in folder.rows() if row.wanted == "kept"]
    assert folder.status().total == 24 + len(kept) == 30
    paths = {
        label: [folder.picture(label, row.row) for row in kept]
        for label in ("original", "made", FLOOR)
    }
    seeds = [read_parameters(file)["seed"] for file in paths[FLOOR]]
    assert seeds == [row.seed + FLOOR_SEEDS for row in kept]
    assert folder.answers("original").keys() == set(range(12)), "the floor is not the original"
    expected = score_all(
        paths["original"], paths["made"], [r.prompt for r in kept], paths[FLOOR],
        names=["kid", "feature-distance", "cmmd"], icons=True,
    )  # fmt: skip
    assert folder.scores("made") == expected and folder.scores("original") == ()
    kid, distance, cmmd = expected
    assert kid.value is not None and kid.floor is not None and distance.value
    assert cmmd.value is None and cmmd.needs


def test_too_few_pictures_for_a_scorer_are_said_and_the_rest_goes_on(
    studio: Evaluations, plan: Plan
) -> None:
    folder = made(studio, plan(count=1, scorers=["kid"]))
    assert evaluate(folder) is State.DONE
    (score,) = folder.scores("made")
    assert score.value is None and "too few" in score.needs
    with pytest.raises(StudioError, match="no scorer 'kod'"):
        plan(scorers=["kod"])
