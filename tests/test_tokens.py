"""A learned word is a concept like any other: packs, runs, columns and the command line."""

import json
from pathlib import Path

import pytest
import torch
from PIL import Image

from studio.cli import main
from studio.config import Column, Concept, RunConfig, Token
from studio.errors import StudioError
from studio.evaluation.columns import active
from studio.evaluation.opinions import Opinions
from studio.evaluation.ratings import Ratings
from studio.evaluation.reward import fit, load_reward
from studio.jobs.feedback_folder import FeedbackFolder
from studio.jobs.inverting import inversion_of, ratings_of
from studio.jobs.rated_judge import rated_judges
from studio.jobs.run_folder import RunFolder
from studio.jobs.worker import Worker
from studio.methods.hfi import HfiConfig
from studio.models.loading import load_bundle
from studio.models.text import encode
from studio.models.tokens import read_token, save_token
from studio.presets import check_pack
from studio.records import State
from studio.safeguards import load_guidances
from studio.services import queue as queue_service
from studio.services.columns import column, pack_concepts
from studio.services.compare import Compare, Request
from studio.services.runs import Runs
from studio.services.tokens import Tokens
from tests.tiny import save_tiny_clip

COUNT = 20


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Twenty pictures, of which the rater dislikes the red ones."""
    for number in range(COUNT):
        colour = (200, number, 40) if number % 2 else (30, number, 200)
        file = tmp_path / "round" / "pictures" / f"{number:05d}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (32, 32), colour).save(file)
    shows = {f"pictures/{number:05d}.png": [bool(number % 2)] for number in range(COUNT)}
    (tmp_path / "round" / "ratings.json").write_text(json.dumps({"shows": shows, "ranks": []}))
    return tmp_path / "round"


@pytest.fixture
def tokens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tokens:
    """Runs are made, and no worker starts."""
    monkeypatch.setattr(queue_service, "launch", lambda *given: 0)
    return Tokens(tmp_path / "runs")


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(save_tiny_clip(tmp_path_factory.mktemp("clip")))


def work(tokens: Tokens, run_id: str) -> RunFolder:
    folder = RunFolder(tokens.root / run_id)
    Worker(folder).run()
    return folder


def small(config: RunConfig, clip: str, **settings: object) -> dict:
    few = {"steps": 2, "batch": 2, "check_every": 2, "save_every": 1}
    return {
        "model": config.model,
        "settings": {"init": "bomb", "features": clip, "top": 6, **settings},
        "overrides": few,
    }


def test_from_ratings_to_a_removed_word(
    tokens: Tokens, place: Path, config: RunConfig, clip: str
) -> None:
    asked = small(config, clip, meanings=2, vectors=2)
    first, second = tokens.start_removal(place, name="Red Things", keep=["spoon"], **asked)
    assert first < second, "the word is learned first"
    assert tokens.find("red-things").state is State.QUEUED
    folder = work(tokens, first)
    assert folder.stored_status().state is State.DONE, folder.log_file.read_text()
    known = tokens.find("<red-things>")
    assert known.names == ("<red-things>", "<red-things-2>")
    assert [read_token(file).shape for file in known.files] == [(2, 16), (2, 16)]
    assert known.accuracy is not None and known.accuracy.n == COUNT and known.chance == 0.5
    assert not known.doubtful and folder.read().adapter is None
    learned = json.loads((folder.learned / "pictures.json").read_text())
    assert len(learned) == 6 and all(int(row["picture"][-6:-4]) % 2 for row in learned)
    samples = folder.read().samples
    assert {sample.step for sample in samples} == {0, 2}, "the word alone, as it is learned"
    assert samples[0].path.read_bytes() != samples[8].path.read_bytes()

    removal = RunFolder(tokens.root / second)
    few = {"steps": 2, "batch": 2, "rank": 2, "check_every": 2, "save_every": 2}
    train = removal.config.train.model_copy(update=few)
    method = {**removal.config.method, "rollouts": 2, "levels": 2, "rollout_steps": 3}
    quick = removal.config.model_copy(update={"train": train, "method": method})
    assert quick.method["level_distribution"] == "beta" and quick.pack.keep == ("spoon",)
    run_id = Runs(tokens.root).start(quick)
    removed = work(tokens, run_id)
    assert removed.stored_status().state is State.DONE, removed.log_file.read_text()
    copies = [Path(token.file) for token in removed.tokens()]
    assert all(copy.parent.parent == removed.path for copy in copies)
    for copy, own in zip(copies, known.files, strict=True):
        assert copy.read_bytes() == own.read_bytes()

    (own,) = removed.rewards
    assert own.name == first and load_reward(own).mean.equal(load_reward(folder.learned).mean)
    asked_of = sum(probe.kind == "target" for probe in quick.pack.probes)
    for check in removed.read().checks:
        assert check.target.n == asked_of and check.unrelated.n == 0, "people rated nothing else"
    assert "reward model of their ratings, right on" in removed.log_file.read_text()
    (people,) = rated_judges(removed)
    files = sorted((place / "pictures").glob("*.png"))
    agreed = [seen == bool(n % 2) for n, seen in enumerate(people.shows(files))]
    assert sum(agreed) >= 0.8 * COUNT, "a picture of the rated kind is known again"

    chosen = column(Runs(tokens.root), f"{run_id}+sld-medium", pack_concepts(quick.pack))
    assert chosen.concepts == known.names
    assert {token.file for token in chosen.tokens} == {str(copy) for copy in copies}


def test_a_reward_model_that_looked_through_another_clip_measures_nothing(
    tokens: Tokens, place: Path, config: RunConfig, clip: str
) -> None:
    _, second = tokens.start_removal(place, **small(config, clip))
    folder = RunFolder(tokens.root / second)
    kept = folder.path / "tokens" / "earlier-run"
    kept.mkdir(parents=True)
    fit(torch.eye(4), Opinions(rows=(0, 1), said=(1.0, 0.0))).save(
        kept,
        {
            "accuracy": {"k": 1, "n": 2, "rate": 0.5, "low": 0.1, "high": 0.9},
            "chance": 0.5, "doubtful": True, "source": clip, "features_hash": "0" * 12,
        },
    )  # fmt: skip
    assert rated_judges(folder) == []
    assert "CLIP is not the one that looked at the rated pictures" in folder.log_file.read_text()
    (kept / "reward.safetensors").write_bytes(b"cut")
    assert rated_judges(folder) == []
    assert "holds no reward model that can be read" in folder.log_file.read_text()


def test_removing_a_word_that_was_not_learned_fails_clearly(
    tokens: Tokens, place: Path, config: RunConfig, clip: str
) -> None:
    (place / "ratings.json").write_text(
        json.dumps({"shows": {"pictures/00000.png": [True]}, "ranks": []})
    )
    first, second = tokens.start_removal(place, **small(config, clip))
    status = work(tokens, first).stored_status()
    assert status.state is State.FAILED and "Only 1 pictures were rated" in status.what
    status = work(tokens, second).stored_status()
    assert status.state is State.FAILED
    assert status.what == f"The token <round> was not learned: the run {first} did not finish."
    with pytest.raises(StudioError, match="was not learned"):
        tokens.token("<round>")


def test_what_cannot_be_learned_is_refused_at_once(
    tokens: Tokens, place: Path, config: RunConfig, clip: str, tmp_path: Path
) -> None:
    with pytest.raises(StudioError, match="no rating round"):
        tokens.start(tmp_path / "nowhere")
    with pytest.raises(StudioError, match="inti"):
        tokens.start(place, settings={"inti": "bomb"})
    tokens.start(place, **small(config, clip))
    with pytest.raises(StudioError, match="a token <round> already"):
        tokens.start(place, **small(config, clip))
    with pytest.raises(StudioError, match="no token 'sharp'"):
        tokens.pack_of("sharp")
    with pytest.raises(StudioError, match="both removes and keeps"):
        tokens.pack_of("round", keep=["spoon"], also=["Spoon"])


def test_words_and_tokens_are_removed_together(
    tokens: Tokens, place: Path, config: RunConfig, clip: str
) -> None:
    run_id = tokens.start(place, **small(config, clip, meanings=1))
    pack = tokens.pack_of("round", keep=["spoon"], also=["knife"], title="Sharp things")
    assert [concept.name for concept in pack.remove] == ["<round>", "knife"]
    assert pack.tokens == (Token(name="<round>", run=run_id),)
    assert len(tokens.plan(place, name="other").pack.remove[0].synonyms) == 3, "four meanings"
    assert pack.id == "sharp-things"
    check_pack(pack, "pack")
    with pytest.raises(StudioError, match="does not say where it comes from"):
        check_pack(pack.model_copy(update={"tokens": ()}), "pack")


@pytest.mark.parametrize("name", ["neg", "sld-medium", "sega-medium"])
def test_a_guidance_holds_a_word_down(config: RunConfig, tmp_path: Path, name: str) -> None:
    file = tmp_path / "token.safetensors"
    save_token(file, "<x>", torch.randn(2, 16, generator=torch.Generator().manual_seed(0)), {})
    bundle = load_bundle(config.model)
    chosen = Column(
        guidance=load_guidances()[name],
        concepts=("<x>", "knife"),
        tokens=(Token(name="<x>", file=str(file)),),
    )
    with active(bundle, chosen, [], 4.0) as steering:
        assert steering is not None
        held = steering.concepts if steering.null is None else (steering.null,)
        texts = ["<x>", "knife"] if len(held) == 2 else ["<x>, knife"]
        assert all(a.equal(encode(bundle, [b])) for a, b in zip(held, texts, strict=True))
    assert not encode(load_bundle(config.model), texts[:1]).allclose(held[0])


def test_a_prompt_may_name_the_word_of_any_column(config: RunConfig, tmp_path: Path) -> None:
    token = Token(name="<x>", file=str(tmp_path / "token.safetensors"))
    columns = (Column(), Column(concepts=("<x>",), tokens=(token,)))
    asked = Request(config.model, config.model.sample, ("a <x>",), (1,), columns)
    job = Compare(tmp_path / "drawn")._job(asked)
    assert [column.tokens for column in job.columns] == [(token,), (token,)]
    assert job.columns[0].label == "original"


def test_a_pack_says_where_its_word_comes_from(config: RunConfig) -> None:
    pack = config.pack.model_copy(update={"remove": (Concept(name="<x>"),)})
    with pytest.raises(StudioError, match="removes the token <x>"):
        check_pack(pack, "pack")


def test_the_command_says_what_it_would_do(
    tokens: Tokens, place: Path, clip: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["invert", str(place), "--runs-dir", str(tokens.root), "--name", "sharp", "--dry-run"]
    assert main([*asked, "--steps", "7", "--init", "knife", "--json"]) == 0
    plan = json.loads(capsys.readouterr().out)["plan"]
    assert plan["method"]["init"] == "knife" and plan["train"]["steps"] == 7
    assert plan["pack"]["remove"][0]["name"] == "<sharp>"
    assert not list(tokens.root.glob("*/config.yaml"))


OTHER = {"binary_loss": "bce", "top": 3, "init": "knife", "vectors": 2, "templates": ["a {} alone"]}
ELSEWHERE = {"round", "label", "features", "meanings"}  # see above, and test_feedback.py


@pytest.mark.parametrize("name", sorted(HfiConfig.model_fields.keys() - ELSEWHERE))
def test_every_setting_changes_what_is_learned(
    tokens: Tokens, place: Path, config: RunConfig, clip: str, name: str, tmp_path: Path
) -> None:
    found = []
    for settings in ({"top": 8}, {"top": 8, name: OTHER[name]}):
        plan = tokens.plan(place, **small(config, clip, **settings))
        run = inversion_of(load_bundle(plan.model), plan, RunFolder(tmp_path / "run"))
        list(run.steps())
        found.append(run.vectors.detach().clone())
    assert found[0].shape != found[1].shape or not found[0].equal(found[1])


def test_a_label_of_a_round_is_learned_alone(monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    (place / "ratings.json").unlink()
    asked: list[int | None] = []
    monkeypatch.setattr(
        FeedbackFolder, "ratings", lambda self, label: asked.append(label) or Ratings()
    )
    assert ratings_of(place, 1) == Ratings() and asked == [1]
