"""A model of the hub is looked into where it lies in the local cache, and else it is said."""

import json
from collections.abc import Callable
from pathlib import Path

import huggingface_hub.constants
import pytest
from safetensors.torch import load_file, save_file

from studio.cli import main
from studio.errors import StudioError
from studio.failures import told
from studio.jobs import probe
from studio.models.loading import must_be_loadable
from studio.models.snapshots import on_disk
from studio.presets import find_model
from studio.services import doctor
from studio.services.doctor_findings import FAIL, OK, WARN

COMMIT = "0123456789" * 4
NAME = f"somebody/tiny@{COMMIT}"
TEXT, UNET = "text_encoder/model.safetensors", "unet/diffusion_pytorch_model.safetensors"


@pytest.fixture
def snapshot(tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The tiny model in a cache as the hub's client lays it out: links to blobs."""
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    repo = tmp_path / "hub" / "models--somebody--tiny"
    place = repo / "snapshots" / COMMIT
    (repo / "blobs").mkdir(parents=True)
    for number, file in enumerate(sorted(f for f in tiny_folder.rglob("*") if f.is_file())):
        blob, link = repo / "blobs" / str(number), place / file.relative_to(tiny_folder)
        blob.write_bytes(file.read_bytes())
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(blob)
    return place


def looked(probed: dict[str, object]) -> list[doctor.Finding]:
    return list(doctor._model(find_model(NAME), {"models": probed}))


def test_a_whole_snapshot_is_looked_into(snapshot: Path) -> None:
    card = find_model(NAME)
    assert on_disk(card) == snapshot == doctor._place(card)
    assert must_be_loadable(card) == ""
    (found,) = looked({str(snapshot): probe.weights(snapshot)})
    assert (found.state, found.values["files"]) == (OK, 3)


def lose_a_tensor(place: Path) -> None:
    held = load_file(place / UNET)
    held.pop(next(iter(held)))
    (place / UNET).unlink()
    save_file(held, place / UNET, {"format": "pt"})


def ask_for_another_kind(place: Path) -> None:
    index = json.loads((place / "model_index.json").read_text())
    (place / "model_index.json").unlink()
    (place / "model_index.json").write_text(json.dumps({**index, "_class_name": "FluxPipeline"}))


def break_a_config(place: Path) -> None:
    (place / "vae" / "config.json").unlink()
    (place / "vae" / "config.json").write_text("{")


def name_what_is_elsewhere(place: Path) -> None:
    held = load_file(place / UNET)
    index = {"weight_map": dict.fromkeys(held, "../elsewhere.safetensors")}
    (place / f"{UNET}.index.json").write_text(json.dumps(index))


BREAKS: list[tuple[Callable[[Path], None], str]] = [
    (lose_a_tensor, "lacks 1 of"),
    (ask_for_another_kind, "made for FluxPipeline"),
    (break_a_config, "cannot be read"),
    (name_what_is_elsewhere, "no .safetensors file beside it"),
]


@pytest.mark.parametrize(("spoil", "why"), BREAKS)
def test_a_broken_snapshot_is_refused_as_a_folder_is(
    snapshot: Path, spoil: Callable[[Path], None], why: str, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    spoil(snapshot)
    with pytest.raises(StudioError, match=why):
        must_be_loadable(find_model(NAME))
    runs = ["--runs-dir", str(tmp_path / "runs")]
    assert main(["train", "icon-weapons", "--model", NAME, "--dry-run", *runs]) == 1
    assert why in capsys.readouterr().err
    found = looked({str(snapshot): probe.weights(snapshot)})
    assert [line.state for line in found] == [FAIL]
    assert why in str(found[0].values["why"])


@pytest.mark.parametrize("lost", ["", TEXT, "tokenizer/tokenizer.json", "vae/config.json", "blob"])
def test_what_is_not_here_yet_is_said_and_not_called_ok(
    snapshot: Path, lost: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if lost == "blob":  # a link to what was cleaned up
        (snapshot / UNET).resolve().unlink()
    elif lost:
        (snapshot / lost).unlink()
    else:
        snapshot.rename(snapshot.with_name("f" * 40))
    note = must_be_loadable(find_model(NAME))
    assert note.startswith("somebody/tiny was not looked into: it is not on this machine yet")
    assert "没有检查 somebody/tiny" in told(note, "zh")
    (found,) = looked({})
    assert found.state == WARN
    assert "was not looked into: it is not on this machine yet" in found.told("en")[0]
    assert "没有检查模型" in found.told("zh")[0]
    runs = ["--runs-dir", str(tmp_path / "runs")]
    assert main(["train", "icon-weapons", "--model", NAME, "--dry-run", *runs, "--json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["note"] == note and f"Note: {note}" in said.err
