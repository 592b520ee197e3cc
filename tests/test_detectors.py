"""Detectors: each answers as its reference does, and says what it lacks."""

import hashlib
import json
import shutil
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.cli import main
from studio.errors import StudioError
from studio.evaluation.detectors import (
    DETECTORS,
    find_detector,
    get_detector,
    load_detectors,
    missing,
    settings_of,
)
from studio.evaluation.detectors.base import Sighting, counted
from studio.evaluation.judge import load_judge
from studio.evaluation.quality.files import read
from studio.evaluation.rates import wilson
from studio.jobs.run_folder import RunFolder
from studio.world import ICON_JUDGE, ROOT

DEMO_RUN = ROOT / "assets" / "demo-run"
SAMPLES = sorted((DEMO_RUN / "samples" / "00000").glob("*.png"))
PROTOCOLS = {
    "i2p", "esd", "unlearndiffatk", "advunlearn", "rece", "mace", "spm", "receler", "speed", "oce",
    "scissorhands", "trce", "steerers",
}  # fmt: skip


def samples() -> list[Image.Image]:
    return [Image.open(file).convert("RGB") for file in SAMPLES]


# the registry


def test_the_list_of_detectors_needs_no_torch() -> None:
    code = (
        "import sys\nfrom studio.evaluation.detectors import load_detectors, missing\n"
        "states = [missing(preset) for preset in load_detectors().values()]\n"
        "raise SystemExit(str({'torch', 'transformers', 'diffusers', 'nudenet'} & set(sys.modules)"
        " or '') or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_every_preset_is_right_and_every_kind_has_one() -> None:
    found = load_detectors()
    assert {preset.detector["name"] for preset in found.values()} == set(DETECTORS)
    assert {name for name in found if name.startswith("nudenet-")} == {
        f"nudenet-{name}" for name in PROTOCOLS
    }
    for name, preset in found.items():
        assert (ROOT / "presets" / "detectors" / f"{name}.yaml").is_file()
        kind, settings = settings_of(preset)
        given = {key: value for key, value in preset.detector.items() if key != "name"}
        assert settings.model_dump(mode="json").items() >= given.items()
        assert kind.needs.zh and preset.note.en != preset.note.zh


def test_an_unknown_detector_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="Did you mean 'nudenet-rece'"):
        get_detector("nudenet-reces")
    with pytest.raises(StudioError, match="Did you mean 'icon-world'"):
        find_detector("icon-word")
    text = (ROOT / "presets" / "detectors" / "nudenet-rece.yaml").read_text(encoding="utf-8")
    own = tmp_path / "own.yaml"
    for change, words in [
        (("name: nudenet", "name: nudent"), "Did you mean 'nudenet'"),
        (("threshold: 0.2", "threshold: 2"), "threshold is not right: at most 1"),
        (("unit: pictures", "units: pictures"), "Did you mean 'unit'"),
        (("FEET_EXPOSED", "FEET"), "is not right: one of"),
    ]:
        own.write_text(text.replace(*change), encoding="utf-8")
        with pytest.raises(StudioError, match=words):
            find_detector(str(own))
    own.write_text(text.replace("threshold: 0.2", "threshold: 0.3"), encoding="utf-8")
    assert find_detector(str(own)).detector["threshold"] == 0.3
    with pytest.raises(StudioError, match="cannot be read"):
        find_detector(str(tmp_path / "none.yaml"))


def test_units_are_pictures_boxes_or_labels_per_picture() -> None:
    seen = [Sighting(True, 0.9, ("A", "A", "B")), Sighting(False), Sighting(True, 0.8, ("A",))]
    profile = get_detector("icon-world").profile
    units = [counted(seen, profile.__class__("x", unit=u)) for u in ("pictures", "boxes", "labels")]
    assert units == [2, 4, 3]


# Icon World


def test_the_judge_answers_the_same_as_a_detector() -> None:
    detector, judge = get_detector("icon-world"), load_judge("icon-world")
    assert judge is not None
    wanted = (["bomb", "dagger", "style:noto", "heart"] * len(SAMPLES))[: len(SAMPLES)]
    seen = detector.see(samples(), wanted)
    assert [s.shows for s in seen] == judge.shows(read(SAMPLES), wanted)
    objects = [tuple(s.labels[:-1]) for s in seen if s.labels]
    assert objects == [found.objects for found in judge.see(read(SAMPLES)) if found.objects]
    weights = (ICON_JUDGE / "judge.safetensors").read_bytes()
    assert detector.profile.model and hashlib.sha256(weights).hexdigest().startswith(
        detector.profile.model
    )


def test_pictures_of_several_sizes_are_judged_together() -> None:
    pictures = samples()[:4]
    mixed = [pictures[0], pictures[1].resize((96, 96)), *pictures[2:]]
    detector = get_detector("icon-world")
    wanted = ["bomb"] * 4
    one_by_one = [detector.see([picture], ["bomb"])[0] for picture in mixed]
    assert detector.see(mixed, wanted) == one_by_one and detector.see([], []) == []


def test_what_the_judge_does_not_know_is_never_not_there() -> None:
    detector = get_detector("icon-world")
    picture = samples()[:1]
    for wanted in ("unicorn", "style:cubism", ""):
        with pytest.raises(StudioError, match="knows no"):
            detector.see(picture, [wanted])
    assert detector.see(picture, ["beer mug"]) == detector.see(picture, ["beer_mug"])
    with pytest.raises(ValueError, match="than argument"):
        detector.see(picture, ["bomb", "bomb"])


def test_the_second_judge_is_another_network_that_sees_nearly_the_same() -> None:
    first, second = get_detector("icon-world"), get_detector("icon-world-2")
    assert second.profile.id == "icon-world-2" and second.profile.model != first.profile.model
    probes = RunFolder(DEMO_RUN).config.pack.probes
    wanted = [probes[int(file.stem.split("_")[0])].shows for file in SAMPLES]
    said = [judge.see(samples(), wanted) for judge in (first, second)]
    same = [a.shows == b.shows for a, b in zip(*said, strict=True)]
    assert all(seen.shows for seen in said[0]) and sum(same) >= 15 and len(same) == 16


def test_a_judge_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="no judge in"):
        get_detector("icon-world-2", weights=str(tmp_path / "nowhere"))
    copy = tmp_path / "judge"
    shutil.copytree(ICON_JUDGE, copy)
    again = get_detector("icon-world-2", weights=str(copy))
    assert again.see(samples(), ["bomb"] * 16) == get_detector("icon-world").see(
        samples(), ["bomb"] * 16
    )


# NudeNet

STAND_IN = """
class NudeDetector:
    def detect(self, pixels):
        red, green, blue = (int(v) / 255 for v in pixels[0, 0])
        found = [("FACE_FEMALE", 0.99), ("FEET_EXPOSED", red), ("BUTTOCKS_EXPOSED", green),
                 ("BUTTOCKS_EXPOSED", green / 2), ("ANUS_EXPOSED", blue)]
        return [{"class": c, "score": s, "box": [0, 0, 1, 1]} for c, s in found if s >= 0.2]
"""


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package named like NudeNet: scores of harmless pictures come from their first pixel."""
    package = tmp_path / "site" / "nudenet"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(STAND_IN)
    (package / "320n.onnx").write_bytes(b"weights")
    monkeypatch.syspath_prepend(package.parent)
    monkeypatch.delitem(sys.modules, "nudenet", raising=False)
    yield
    sys.modules.pop("nudenet", None)


def plain(red: float, green: float, blue: float) -> Image.Image:
    return Image.new("RGB", (8, 8), tuple(round(255 * share) for share in (red, green, blue)))


@pytest.mark.usefixtures("stand_in")
@pytest.mark.parametrize(
    ("protocol", "hits"),  # of feet 0.65, buttocks 0.65, buttocks 0.5, anus 0.5
    [
        ("i2p", [False, True, False, False]),
        ("unlearndiffatk", [True, True, True, True]),
        ("receler", [True, True, True, False]),
        ("speed", [True, True, False, False]),
        ("steerers", [True, True, True, False]),  # red and blue swapped: anus reads the reds
    ],
)
def test_protocols_differ_in_labels_and_threshold(protocol: str, hits: list[bool]) -> None:
    detector = get_detector(f"nudenet-{protocol}")
    pictures = [plain(0.65, 0, 0), plain(0, 0.65, 0), plain(0, 0.502, 0), plain(0, 0, 0.502)]
    assert [one.shows for one in detector.see(pictures, [""] * 4)] == hits
    profile = detector.profile
    assert profile.model == hashlib.sha256(b"weights").hexdigest()[: len(profile.model)] != ""
    assert set(profile.labels) == set(find_detector(profile.id).detector["labels"])
    assert len({json.dumps(asdict(get_detector(f"nudenet-{p}").profile)) for p in PROTOCOLS}) == 13


@pytest.mark.usefixtures("stand_in")
def test_boxes_and_labels_are_counted_where_the_protocol_does() -> None:
    picture = [plain(0.3, 0.9, 0)]
    boxes, labels = get_detector("nudenet-mace"), get_detector("nudenet-spm")
    seen = boxes.see(picture, [""])
    assert seen[0].labels == ("BUTTOCKS_EXPOSED", "BUTTOCKS_EXPOSED", "FEET_EXPOSED")
    assert seen[0].score == pytest.approx(0.9, abs=0.01)
    assert counted(seen, boxes.profile) == 3
    assert counted(labels.see(picture, [""]), labels.profile) == 2
    nothing = boxes.see([plain(0, 0, 0)], [""])[0]
    assert (nothing.shows, nothing.score, nothing.labels) == (False, None, ())


def test_a_missing_nudenet_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nudenet", None)
    lacks = missing(find_detector("nudenet-rece"))
    assert lacks is not None and "requirements-nudenet.txt" in lacks.way_out
    with pytest.raises(StudioError, match="AGPL"):
        get_detector("nudenet-rece")


def test_the_real_package_swaps_red_and_blue_of_files(tmp_path: Path) -> None:
    nudenet = pytest.importorskip("nudenet", reason="the optional extra")
    picture = samples()[0]
    picture.resize((320, 320)).save(tmp_path / "a.png")
    pixels = np.asarray(Image.open(tmp_path / "a.png").convert("RGB"))
    read = nudenet.nudenet._read_image
    np.testing.assert_array_equal(
        read(str(tmp_path / "a.png"))[0], read(pixels[..., ::-1].copy())[0]
    )
    assert get_detector("nudenet-rece").profile.model


# the command line


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict:
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_list_says_what_each_needs(capsys: pytest.CaptureFixture[str]) -> None:
    rows = {row["id"]: row for row in answer(capsys, "detectors")["detectors"]}
    assert rows["icon-world"]["ready"] is True
    assert not rows["safety-checker"]["ready"] and "--weights" in rows["safety-checker"]["way_out"]
    assert "AGPL-3.0" in rows["nudenet-mace"]["licence"]
    assert main(["detectors"]) == 0
    assert "Judge of Icon World: ready" in capsys.readouterr().out


def test_detect_counts_pictures_with_an_interval(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder = str(SAMPLES[0].parent)
    told = answer(capsys, "detect", folder, "--detector", "icon-world", "--wanted", "bomb")
    expected = get_detector("icon-world").see(samples(), ["bomb"] * 16)
    k = sum(one.shows for one in expected)
    assert 0 < k < 16 and told["rate"] == asdict(wilson(k, 16)) and told["counted"] == k
    assert [row["file"] for row in told["pictures"]] == [file.name for file in SAMPLES]
    assert told["profile"]["id"] == "icon-world" and told["profile"]["threshold"] == 0.5
    assert main(["detect", folder, "--detector", "icon-world", "--wanted", "coffin"]) == 0
    assert "0 of 16, below 19.4 % show coffin" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--detector", "icon-word"], "Did you mean"),
        (["--detector", "icon-world"], "told what to look for"),
        (["--detector", "nudenet-rece", "--wanted", "bomb"], "Leave --wanted out"),
        (["--detector", "icon-world", "--wanted", "unicorn"], "knows no"),
        (["--detector", "safety-checker"], "not here"),
    ],
)
def test_what_a_person_can_fix_exits_with_1(
    options: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["detect", str(SAMPLES[0].parent), *options]) == 1
    assert words in capsys.readouterr().err


def test_a_folder_without_pictures_measures_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["detect", str(tmp_path), "--detector", "icon-world", "--wanted", "bomb"]) == 1
    assert "no pictures in" in capsys.readouterr().err
