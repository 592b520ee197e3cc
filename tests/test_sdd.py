"""SDD's loss by hand, and its training on the tiny model."""

from dataclasses import replace
from itertools import islice, pairwise
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from studio.config import RunConfig
from studio.errors import StudioError
from studio.methods import config_of, get_method
from studio.methods.sdd import SddConfig, sdd_loss
from studio.models import adapters
from studio.models.loading import load_bundle
from studio.models.sampler import fresh_scheduler
from studio.records import StepRecord
from studio.training.distil import STUDENT, TEACHER, Distillation, concept_texts, in_sentences
from studio.training.loop import train_steps
from studio.training.rollouts import pick_levels, rollout
from tests.denoisers import CONCEPT, KEPT, NONE, Linear, batch, says, trained
from tests.tiny import save_tiny


def a_weights(unet: nn.Module, name: str) -> list[Tensor]:
    return [layer.lora_A[name].weight for layer in adapters.lora_layers(unet)]


def test_the_target_is_the_students_own_empty_prompt() -> None:
    # s(c) = 3, s(0) = 1: (3 - 1)^2 = 4; kept: s(k) = 5, b(k) = 2: 0.5 * 9 = 4.5
    student = says({CONCEPT: 3.0, NONE: 1.0, KEPT: 5.0})
    base = says({CONCEPT: 9.0, NONE: 7.0, KEPT: 2.0})
    assert sdd_loss(student, base, batch(), SddConfig(keep_weight=0.0)).item() == 4.0
    assert sdd_loss(student, base, batch(), SddConfig(keep_weight=0.5)).item() == 8.5


def test_the_base_can_give_the_target() -> None:
    student, base = says({CONCEPT: 3.0, NONE: 1.0}), says({NONE: 7.0})
    cfg = SddConfig(keep_weight=0.0, null_from="base")
    assert sdd_loss(student, base, batch(), cfg).item() == 16.0


def test_no_gradient_flows_through_the_target() -> None:
    # d/dw (w * 1 - sg[w * n])^2 with n = 2 (the empty text): 2 (w - 2w) * 1 = -2w = -1
    student = Linear()
    rows = batch()
    rows = replace(rows, null=torch.full_like(rows.null, 2.0))
    sdd_loss(student, student, rows, SddConfig(keep_weight=0.0)).backward()
    assert student.weight.grad is not None
    torch.testing.assert_close(student.weight.grad, torch.tensor(-1.0))


def test_unknown_methods_and_settings_are_refused() -> None:
    with pytest.raises(StudioError, match="no method"):
        get_method("sddd")
    with pytest.raises(ValueError, match="keep_wait"):
        config_of({"name": "sdd", "keep_wait": 1})


def test_training_moves_the_student_and_the_teacher_follows(config: RunConfig) -> None:
    bundle = load_bundle(config.model)
    run = Distillation(bundle, config)
    before = {name: value.clone() for name, value in bundle.unet.state_dict().items()}
    records = list(run.steps())
    assert [record.step for record in records] == [1, 2, 3, 4]
    changed = {
        name for name, value in bundle.unet.state_dict().items() if not value.equal(before[name])
    }
    assert changed and all("lora_B" in name and "attn2" in name for name in changed)
    student = adapters.trained(bundle.unet, STUDENT)
    teacher = adapters.trained(bundle.unet, TEACHER)
    assert any(not a.equal(b) for a, b in zip(student, teacher, strict=True))
    for a, b in zip(
        a_weights(bundle.unet, STUDENT),
        a_weights(bundle.unet, TEACHER),
        strict=True,
    ):
        assert a.equal(b)


def test_the_same_seed_trains_the_same_run(config: RunConfig) -> None:
    losses = [
        [record.loss for record in Distillation(load_bundle(config.model), config).steps()]
        for _ in range(2)
    ]
    assert losses[0] == losses[1]


def test_the_saved_view_follows_the_setting(config: RunConfig) -> None:
    student = config.model_copy(update={"method": {**config.method, "save": "student"}})
    assert Distillation(load_bundle(config.model), config).saved_view == TEACHER
    assert Distillation(load_bundle(config.model), student).saved_view == STUDENT


def test_synonyms_are_removed_too(config: RunConfig) -> None:
    assert concept_texts(config.pack, True) == ["bomb", "knife", "grenade"]
    assert concept_texts(config.pack, False) == ["bomb", "knife"]


def test_phrases_take_turns_in_sentences(config: RunConfig) -> None:
    assert in_sentences(["a", "b"], ["{}", "an icon of {}"]) == [
        "a", "b", "an icon of a", "an icon of b",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="needs one"):
        SddConfig(templates=("no place",))


@pytest.mark.parametrize("prediction_type", ["epsilon", "v_prediction"])
def test_latents_sit_exactly_at_the_level_they_are_paired_with(
    config: RunConfig, tmp_path: Path, prediction_type: str
) -> None:
    card = config.model.model_copy(update={"source": str(save_tiny(tmp_path, prediction_type))})
    bundle = load_bundle(card)
    assert bundle.scheduler.config.prediction_type == prediction_type
    run = Distillation(bundle, config)
    scheduler = fresh_scheduler(bundle, 6)
    visited: dict[int, Tensor] = {}
    generator = torch.Generator().manual_seed(0)
    states = run._removed_states[:1]
    for latent in rollout(
        bundle,
        states,
        run._null,
        [0],
        steps=6,
        guidance=1.0,
        levels=6,
        pick=lambda steps, count: list(range(count)),
        generator=generator,
    ):
        visited[latent.t] = latent.z
    assert list(visited) == scheduler.timesteps.tolist()
    timesteps = list(visited)
    with torch.no_grad():
        for t, after in pairwise(timesteps):
            guess = bundle.unet(visited[t][None], t, encoder_hidden_states=states).sample
            stepped = scheduler.step(guess, t, visited[t][None]).prev_sample[0]
            torch.testing.assert_close(stepped, visited[after])


def test_levels_are_spread_and_beta_prefers_the_middle() -> None:
    generator = torch.Generator().manual_seed(0)
    uniform = pick_levels("uniform", generator)(20, 4)
    assert [level // 5 for level in uniform] == [0, 1, 2, 3]
    middle = [level for _ in range(50) for level in pick_levels("beta", generator)(20, 8)]
    assert sum(5 <= level < 15 for level in middle) / len(middle) > 0.7


def test_a_loss_that_is_no_number_keeps_the_last_good_weights() -> None:
    weight = nn.Parameter(torch.tensor(1.0))
    records: list[StepRecord] = []
    seen: list[float] = []
    with pytest.raises(StudioError, match="no longer a number since step 3"):
        for record in train_steps(
            [weight],
            lambda scale: weight * scale,
            [1.0, 1.0, float("nan")],
            lr=0.1,
            total=5,
        ):
            records.append(record)
            seen.append(weight.item())
    assert len(records) == 2
    assert weight.item() == seen[-1]


def test_a_gradient_that_is_no_number_keeps_the_last_good_weights() -> None:
    # sqrt(w ** 2) is 0 at w = 0, its slope there 0 / 0
    weight = nn.Parameter(torch.tensor(0.0))
    steps = train_steps([weight], lambda b: (weight**2).sqrt(), [1.0], lr=0.1, total=1)
    with pytest.raises(StudioError, match="gradient is no longer a number since step 1"):
        next(steps)
    assert weight.item() == 0.0


def test_no_batch_is_drawn_after_the_last_step() -> None:
    weight = nn.Parameter(torch.tensor(1.0))
    batches = iter([1.0, 1.0, 1.0])
    list(train_steps([weight], lambda b: weight * b, batches, lr=0.1, total=2))
    assert next(batches) == 1.0


def test_a_v_predicting_model_is_trained_the_same_way(config: RunConfig, tmp_path: Path) -> None:
    folder = save_tiny(tmp_path, "v_prediction")
    card = config.model.model_copy(update={"source": str(folder)})
    assert any(weight.any() for weight in trained(config.model_copy(update={"model": card})))


def test_training_leaves_the_global_seed_alone(config: RunConfig) -> None:
    torch.manual_seed(5)
    wanted = torch.rand(3)
    torch.manual_seed(5)
    trained(config)
    assert torch.rand(3).equal(wanted)


def test_a_rollout_can_be_ended(config: RunConfig) -> None:
    class Ended(Exception): ...

    def end() -> None:
        raise Ended

    with pytest.raises(Ended):
        next(Distillation(load_bundle(config.model), config, end).steps())


def test_closing_the_generator_stops_the_training() -> None:
    weight = nn.Parameter(torch.tensor(1.0))
    steps = train_steps([weight], lambda b: weight * b, iter(lambda: 1.0, 0), lr=0.1, total=100)
    assert len(list(islice(steps, 3))) == 3
    steps.close()
    assert next(steps, None) is None
