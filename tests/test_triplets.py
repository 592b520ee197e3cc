"""Sets of triplets: of own pictures, of uploads, and drawn in the background."""

import json
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from studio.cli import main
from studio.config import RunConfig
from studio.errors import StudioError
from studio.jobs.triplet_folder import TripletFolder
from studio.methods.safegen import SafegenConfig
from studio.services.triplet_sets import SetState, TripletSets
from studio.services.triplets import pair_triplets

CFG = SafegenConfig(count=4)


def own_pictures(folder: Path, names: list[str]) -> Path:
    folder.mkdir()
    draw = torch.Generator().manual_seed(len(names))
    for name in names:
        pixels = torch.randint(256, (40, 60, 3), generator=draw).byte().numpy()
        Image.fromarray(pixels).save(folder / name)
    return folder


def test_own_pictures_become_triplets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unsafe = own_pictures(tmp_path / "unsafe", ["a.png", "b.jpg", "c.png"])
    benign = own_pictures(tmp_path / "benign", ["x.png"])
    masks = own_pictures(tmp_path / "masks", ["a.png", "b.png", "c.png"])
    arguments = ["triplets", "icon-weapons", "--unsafe", str(unsafe), "--benign", str(benign)]
    assert main([*arguments, "--out", str(tmp_path / "set"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["count"] == 3
    pairs = TripletFolder(tmp_path / "set").pictures()
    assert [p[0].size for p in pairs] == [(60, 40)] * 3
    assert main([*arguments, "--out", str(tmp_path / "masked"), "--masks", str(masks)]) == 0
    assert TripletFolder(tmp_path / "masked").read().mask == "own"
    (masks / "b.png").unlink()
    assert main([*arguments, "--out", str(tmp_path / "no"), "--masks", str(masks)]) == 1
    assert "b.jpg has no mask" in capsys.readouterr().err


def test_bad_folders_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unsafe = own_pictures(tmp_path / "unsafe", ["a.png"])
    (tmp_path / "empty").mkdir()
    out = ["--out", str(tmp_path / "set")]
    assert main(["triplets", "icon-weapons", "--unsafe", str(unsafe), *out]) == 1
    assert "both --unsafe and --benign" in capsys.readouterr().err
    given = ["--unsafe", str(unsafe), "--benign", str(tmp_path / "empty")]
    assert main(["triplets", "icon-weapons", *given, *out]) == 1
    assert "no pictures in" in capsys.readouterr().err
    (unsafe / "b.png").write_text("no picture")
    given = ["--unsafe", str(unsafe), "--benign", str(unsafe)]
    assert main(["triplets", "icon-weapons", *given, *out]) == 1
    assert "b.png is no picture" in capsys.readouterr().err


class Detector:
    """Stands in for NudeNet: sees a box wherever a picture is bright at its corner."""

    def detect(self, pixels: np.ndarray) -> list[dict[str, object]]:
        wanted = {"class": "BUTTOCKS_EXPOSED", "score": 0.9, "box": [10, 5, 20, 10]}
        other = {"class": "FEET_EXPOSED", "score": 0.9, "box": [0, 0, 60, 40]}
        return [wanted, other] if pixels[0, 0, 0] > 128 else [other]


def test_the_mosaic_covers_what_a_detector_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "nudenet", SimpleNamespace(NudeDetector=Detector))
    unsafe, benign = tmp_path / "unsafe", own_pictures(tmp_path / "benign", ["x.png"])
    unsafe.mkdir()
    for name, corner in (("a.png", 255), ("b.png", 0), ("c.png", 200)):
        pixels = np.random.default_rng(0).integers(256, size=(40, 60, 3), dtype=np.uint8)
        pixels[0, 0] = corner
        Image.fromarray(pixels).save(unsafe / name)
    cfg = SafegenConfig(mask="boxes", blur_share=0)
    manifest = pair_triplets(unsafe, benign, cfg, tmp_path / "set")
    assert manifest.mask == "boxes" and len(manifest.rows) == 2
    picture, covered, _ = (np.asarray(i) for i in TripletFolder(tmp_path / "set").pictures()[0])
    changed = (picture != covered).any(-1)
    assert changed[5:15, 10:30].mean() > 0.9
    changed[5:15, 10:30] = False
    assert not changed.any()
    with pytest.raises(StudioError, match="found nothing"):
        (unsafe / "a.png").unlink()
        (unsafe / "c.png").unlink()
        pair_triplets(unsafe, benign, cfg, tmp_path / "none")


def test_a_missing_detector_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "nudenet", None)
    folder = own_pictures(tmp_path / "unsafe", ["a.png"])
    with pytest.raises(StudioError, match="not installed") as caught:
        pair_triplets(folder, folder, SafegenConfig(mask="boxes"), tmp_path / "set")
    assert "requirements-nudenet.txt" in caught.value.way_out


def test_uploaded_pictures_become_a_set(tmp_path: Path) -> None:
    sets, cfg = TripletSets(tmp_path / "runs"), SafegenConfig(mask="whole")
    one, two = (own_pictures(tmp_path / name, ["a.png"]) for name in ("one", "two"))
    name = sets.pair([one / "a.png"], [two / "a.png"], [], cfg)
    assert sets.names() == [name] and len(sets.folder(name).pictures()) == 1
    with pytest.raises(StudioError, match="both needed"):
        sets.pair([], [two / "a.png"], [], cfg)
    with pytest.raises(StudioError, match=r"named a\.png"):
        sets.pair([one / "a.png", two / "a.png"], [two / "a.png"], [], cfg)


def test_a_set_that_fails_in_the_same_second_takes_no_other_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "strftime", lambda form: "20260101-000000")
    sets, cfg = TripletSets(tmp_path / "runs"), SafegenConfig(mask="whole")
    one = own_pictures(tmp_path / "one", ["a.png"]) / "a.png"
    (bad := tmp_path / "bad.png").write_text("no picture")
    name = sets.pair([one], [one], [], cfg)
    for _ in range(2):
        with pytest.raises(StudioError, match="no picture"):
            sets.pair([bad], [one], [], cfg)
    assert [path.name for path in (tmp_path / "runs" / "triplets").iterdir()] == [name]
    assert len(sets.folder(name).pictures()) == 1
    assert sets.pair([one], [one], [], cfg) != name


def finished(sets: TripletSets, name: str) -> SetState:
    end = time.monotonic() + 120
    while (state := sets.state(name)).drawing:
        assert time.monotonic() < end
        time.sleep(0.2)
    return state


def test_a_set_is_drawn_in_a_process_of_its_own(config: RunConfig, tmp_path: Path) -> None:
    sets = TripletSets(tmp_path)
    name = sets.start(config.pack, config.model, SafegenConfig(count=2))
    assert sets.state(name).total == 2
    state = finished(sets, name)
    assert (state.done, state.failed) == (2, "") and sets.names() == [name]
    assert len(sets.folder(name).pictures()) == 2
    with pytest.raises(StudioError, match="no set of triplets"):
        sets.folder("other")


def test_a_set_that_fails_says_why(config: RunConfig, tmp_path: Path) -> None:
    sets = TripletSets(tmp_path)
    missing = config.model.model_copy(update={"source": str(tmp_path / "nowhere")})
    state = finished(sets, sets.start(config.pack, missing, SafegenConfig(count=2)))
    assert "There is no model" in state.failed and sets.names() == []
