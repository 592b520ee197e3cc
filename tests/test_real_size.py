"""The table of seconds and memory: on tiny models here, at real size where there is a GPU."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from studio.evaluation.pictures import at_once
from studio.models.loading import choose_device
from studio.presets import find_model
from tests.real_size import GUIDANCES, METHODS, main, measure, real_bundle, settings_of, trainer
from tests.real_sizes import KINDS


def test_each_method_and_guidance_gives_a_row(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--kinds", "tiny", "--steps", "2", "--sampler-steps", "2", "--json"]) == 0
    model, *rows = map(json.loads, capsys.readouterr().out.splitlines())
    assert model["px"] == 32 and model["denoiser_weights"] > 1000
    drawn, trained = rows[: len(GUIDANCES)], rows[len(GUIDANCES) :]
    assert [row["what"] for row in trained] == list(METHODS)
    assert all(row["picture_s"] > 0 for row in drawn)
    assert all(row["step_s"] > 0 and len(row["loss"]) == 2 for row in trained)
    assert all(row["reloaded"] for row in trained if row["what"] != "hfi")


def test_real_sizes_want_a_gpu(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(SystemExit):
        main([])
    assert "no GPU here" in capsys.readouterr().err


def test_what_a_model_cannot_do_is_a_row_too() -> None:
    (_, row) = measure("tiny-xl", ["hfi"], [], 2, 2)
    assert "reads prompts twice" in row["refused"]


def test_a_step_that_draws_each_time_is_not_counted_twice() -> None:
    (_, row) = measure("tiny", ["esd-x-paper"], [], 2, 2)
    assert row["whole_step_s"] == row["step_s"]


def test_the_table_has_a_line_for_each_row(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--kinds", "tiny-xl", "--methods", "sdd", "hfi", "--guidances", "neg", "--steps", "2"])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 6 and {line.count("|") for line in lines} == {7}
    assert "tiny-xl" in lines[2] and "reads prompts twice" in lines[5]


@pytest.mark.gpu
@pytest.mark.parametrize("kind", ["sd-1", "sd-2", "sdxl"])
def test_real_size_fits_and_learns(kind: str) -> None:
    """Whole steps of SDD with the settings of the card, on a GPU of 24 GB or more."""
    (model, row) = measure(kind, ["sdd"], [], 3, 2)
    assert model["denoiser_weights"] > 850e6
    assert row["reloaded"] and row["loss"][0] > 0
    assert row["peak_gb"] < 24


@pytest.mark.gpu
def test_the_base_is_in_half_precision_and_the_adapter_is_not(tmp_path: Path) -> None:
    bundle = real_bundle("sd-1", tmp_path)
    assert bundle.dtype in (torch.bfloat16, torch.float16)
    run = trainer(bundle, "sdd", settings_of("sdd", bundle.card, 1))
    assert {value.dtype for value in run._weights().values()} == {torch.float32}


def test_a_card_says_in_which_precision_a_gpu_keeps_its_model(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    small, large = find_model("icon-world"), find_model("sd-1-5")
    assert (small.precision, large.precision) == ("single", "half")
    assert choose_device(large.precision)[1] is torch.float32 or torch.cuda.is_available()
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    for newer, half in ((True, torch.bfloat16), (False, torch.float16)):
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda newer=newer: newer)
        assert choose_device(large.precision) == (torch.device("cuda"), half)
        assert choose_device(small.precision) == (torch.device("cuda"), torch.float32)


def test_small_pictures_go_many_at_once_on_a_gpu() -> None:
    def count(side: int, device: str) -> int:
        return at_once(SimpleNamespace(size_px=side, device=torch.device(device)))

    assert count(128, "cuda") > count(128, "cpu") > count(512, "cuda") == count(512, "cpu")


def test_the_cards_of_all_kinds_are_there() -> None:
    assert all(find_model(card) for card, _ in KINDS.values())
