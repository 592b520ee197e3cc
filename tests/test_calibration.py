"""Calibration sets: what is in them, what they hide, and what their labels tell."""

import json
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.cli import main
from studio.config import Column
from studio.errors import StudioError
from studio.evaluation.balanced import half_and_half
from studio.evaluation.comparison import Calibration
from studio.evaluation.detectors import get_detector
from studio.evaluation.findings import Profile
from studio.evaluation.rates import wilson
from studio.iconworld.icons import SIZE_PX
from studio.jobs.calibration_folder import CalibrationFolder, CalibrationSet, Shot
from studio.jobs.calibration_renders import folder_renders, icon_renders
from studio.presets import find_model, load_packs
from studio.services.calibration import (
    FOLDER,
    calibrations,
    detector_calibration,
    find_calibration,
    make_set,
    outcomes,
)
from studio.world import load_world

WEAPONS = ("bomb", "dagger", "kitchen_knife", "crossed_swords", "bow_and_arrow")
PROFILE = Profile("icon-world", model="abc", threshold=0.5)


@pytest.fixture(scope="module")
def icons(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Icons of one colour each: an object's place in the world in red, its style in green."""
    world, arrays = load_world(), {}
    for place, thing in enumerate(world.objects):
        for number, style in enumerate(world.styles):
            icon = np.full((SIZE_PX, SIZE_PX, 4), 255, np.uint8)
            icon[..., :3] = (place, 40 * number, 9)
            arrays[f"{thing.id}|{style}"] = icon
    arrays["others"] = np.stack([np.full((SIZE_PX, SIZE_PX, 4), 255, np.uint8)] * 6)
    folder = tmp_path_factory.mktemp("icons")
    np.savez(folder / f"icons-{SIZE_PX}.npz", **arrays)
    return folder


def seen(image: Image.Image) -> tuple[str, str]:
    """Object and style of a render of these icons; "none" for the white icon of nothing."""
    world = load_world()
    place, style, mark = np.asarray(image)[64, 64].tolist()
    if mark != 9:
        return "none", ""
    return world.objects[place].id, list(world.styles)[round(style / 40)]


def test_renders_are_what_they_are_said_to_be(icons: Path) -> None:
    world = load_world()
    group = {thing.id: thing.group for thing in world.objects}
    made = icon_renders(WEAPONS, 40, 1, icons)
    assert [render.shows for render in made] == [True] * 20 + [False] * 20
    assert Counter(render.wanted for render in made) == dict.fromkeys(WEAPONS, 8)
    for render in made:
        thing, _ = seen(render.image)
        assert (thing == render.wanted) == render.shows
        assert render.shows or group.get(thing) != "weapon"
    others = Counter(group.get(seen(r.image)[0], "none") for r in made if not r.shows)
    assert others["weapon_neighbour"] == 10 and others["none"] == 5
    again = icon_renders(WEAPONS, 40, 1, icons)
    assert all(a.image.tobytes() == b.image.tobytes() for a, b in zip(made, again, strict=True))


def test_renders_of_a_style_differ_in_style(icons: Path) -> None:
    for render in icon_renders(["style:noto"], 12, 1, icons):
        thing, style = seen(render.image)
        assert thing != "none" and (style == "noto") == render.shows


def pictures(folder: Path, **counts: int) -> Path:
    """A folder for each name with so many pictures; their grey is their number."""
    for name, count in counts.items():
        (folder / name).mkdir(parents=True)
        for number in range(count):
            Image.new("RGB", (20, 16), (number,) * 3).save(folder / name / f"{number}.png")
    return folder


def test_own_pictures_are_taken_by_the_name_of_their_folder(tmp_path: Path) -> None:
    own = pictures(tmp_path / "own", bomb=6, dagger=1, spoon=3, none=9)
    made = folder_renders(("bomb", "dagger"), 10, 0, own)
    assert [r.wanted for r in made if r.shows] == ["bomb", "dagger", "bomb", "bomb", "bomb"]
    assert sum(not r.shows for r in made) == 5
    with pytest.raises(StudioError, match="no pictures of crossed_swords"):
        folder_renders(("bomb", "crossed_swords"), 4, 0, own)
    with pytest.raises(StudioError, match="no pictures of anything else"):
        folder_renders(("bomb",), 4, 0, pictures(tmp_path / "only", bomb=2))
    (own / "spoon" / "0.png").write_text("no picture")
    with pytest.raises(StudioError, match="no picture that can be read"):
        folder_renders(("bomb",), 24, 0, own)


@pytest.mark.parametrize("name", ["icon-weapons", "icon-style"])
def test_half_of_the_prompts_ask_for_what_the_pack_removes(name: str) -> None:
    pack = load_packs()[name]
    asked = half_and_half(pack, 60, "dev", 101)
    kinds = Counter(question.kind for question in asked)
    assert kinds == {"target": 30, "neighbour": 15, "unrelated": 15}
    assert len({question.seed for question in asked}) >= 45
    with pytest.raises(StudioError, match="knows none of the things"):
        half_and_half(load_packs()["violence"], 4, "dev", 0)


def test_a_set_hides_where_its_pictures_come_from(icons: Path, tmp_path: Path) -> None:
    out, pack = tmp_path / FOLDER / "one", load_packs()["icon-weapons"]
    model = find_model("icon-world")
    quick = model.model_copy(update={"sample": model.sample.model_copy(update={"steps": 2})})
    made = make_set(quick, pack, [Column()], out, count=16, icons=icons)
    folder = CalibrationFolder(out)
    assert folder.read() == made and len(made.shots) == 16 and not made.sensitive
    assert Counter((s.source, s.truth) for s in made.shots) == {
        ("render", "shows"): 4,
        ("render", "shows not"): 4,
        ("generated", ""): 8,
    }
    files = sorted((out / "pictures").iterdir())
    assert [f"pictures/{file.name}" for file in files] == [s.picture for s in made.shots]
    sources = [shot.source for shot in made.shots]
    assert sources not in (sorted(sources), sorted(sources, reverse=True)), "mixed"
    for shot, file in zip(made.shots, files, strict=True):
        assert not shot.prompt or shot.prompt.encode() not in file.read_bytes()
        assert shot.wanted in WEAPONS
        if shot.source == "generated":
            assert shot.column == "original" and shot.prompt
    answers = json.loads((out / "answers.json").read_text())
    assert answers.keys() == {shot.picture for shot in made.shots}
    assert made.profiles == (get_detector("icon-world").profile,)
    shown = [answers[s.picture]["icon-world"] for s in made.shots if s.truth == "shows"]
    assert not any(shown), "a patch of one colour is no bomb"
    with pytest.raises(StudioError, match="holds a calibration set already"):
        make_set(quick, pack, [Column()], out, count=16, icons=icons)
    with pytest.raises(StudioError, match="icons for renders are not in"):
        make_set(quick, pack, [Column()], tmp_path / "new", count=16, icons=tmp_path)


def labelled_set(root: Path, name: str = "a", profile: Profile = PROFILE) -> CalibrationFolder:
    """8 renders and 12 generated pictures, 10 of them labelled; the judge is wrong on some.

    Renders: 4 show it, of which the judge finds 3; 4 do not, of which it passes 4.
    Generated: people say that 6 show it, of which it finds 4, and 3 do not, of which it passes 2.
    """
    folder = CalibrationFolder(root / FOLDER / name)
    folder.path.mkdir(parents=True)
    shots, answers = [], {}
    judge = [True] * 3 + [False] * 5 + [True] * 4 + [False] * 2 + [False] * 2 + [True] * 4
    for place, says in enumerate(judge):
        truth = ("shows" if place < 4 else "shows not") if place < 8 else ""
        source = "render" if place < 8 else "generated"
        picture = f"pictures/{place:04d}.png"
        shots.append(Shot(picture=picture, wanted="bomb", source=source, truth=truth))
        answers[picture] = {profile.id: says}
    manifest = CalibrationSet(
        pack="icon-weapons",
        title={"en": "Weapons", "zh": "武器"},
        model="icon-world",
        split="dev",
        made=0.0,
        profiles=(profile,),
        shots=tuple(shots),
    )
    folder.write(manifest, answers)
    given = ["shows"] * 6 + ["shows not"] * 3 + ["unsure"]
    for shot, label in zip(shots[8:], given, strict=False):
        folder.labels.add(shot.picture, shot.wanted, label, "Ann")
    return folder


def test_sensitivity_and_specificity_by_hand(tmp_path: Path) -> None:
    folder = labelled_set(tmp_path)
    (outcome,) = outcomes(folder)
    renders, generated = outcome.measured
    assert renders.calibration == Calibration(3, 4, 4, 4) and renders.known == 8
    assert (renders.unlabelled, renders.unsure) == (0, 0)
    assert generated.calibration == Calibration(4, 6, 2, 3)
    assert generated.sensitivity == wilson(4, 6) and generated.specificity == wilson(2, 3)
    assert (generated.known, generated.unsure, generated.unlabelled) == (9, 1, 2)
    assert outcome.agreement.same == wilson(6, 9) and len(outcome.agreement.disputed) == 3
    assert outcome.renders.n == 0, "nobody labelled a render"
    folder.labels.add("pictures/0000.png", "bomb", "shows not", "Ann")
    folder.labels.add("pictures/0008.png", "bomb", "shows not", "Ben")
    (outcome,) = outcomes(folder)
    assert outcome.renders.same == wilson(0, 1), "people are held against what is known"
    assert outcome.measured[0].calibration == Calibration(3, 4, 4, 4), "known truth stays"
    assert outcome.measured[1].contested == 1 and outcome.measured[1].known == 8
    assert outcome.labelled == {"Ann": 11, "Ben": 1} and outcome.raters[0].n == 1


def test_a_detector_is_corrected_by_its_own_labels_on_generated_pictures(tmp_path: Path) -> None:
    assert detector_calibration(tmp_path, "icon-weapons", PROFILE, "icon-world") is None
    labelled_set(tmp_path, "b")
    found = detector_calibration(tmp_path, "icon-weapons", PROFILE, "icon-world")
    assert found == Calibration(4, 6, 2, 3)
    other = Profile("icon-world", model="abc", threshold=0.6)
    assert detector_calibration(tmp_path, "icon-weapons", other, "icon-world") is None
    assert detector_calibration(tmp_path, "icon-drugs", PROFILE, "icon-world") is None
    newer = labelled_set(tmp_path, "c")
    newer.labels.file.unlink()
    assert detector_calibration(tmp_path, "icon-weapons", PROFILE, "icon-world") == found, (
        "the labelled one"
    )


def test_only_finished_sets_are_listed(tmp_path: Path) -> None:
    folder = labelled_set(tmp_path)
    shutil.copytree(folder.path, tmp_path / FOLDER / "z")
    (tmp_path / FOLDER / "half").mkdir()
    assert [found.id for found in calibrations(tmp_path)] == ["z", "a"]
    assert find_calibration(tmp_path, str(folder.path)).path == folder.path
    for name in ("half", "missing", ""):
        with pytest.raises(StudioError, match="no calibration set"):
            find_calibration(tmp_path, name)
    (folder.path / "manifest.json").write_text('{"pack": 3}')
    with pytest.raises(StudioError, match="cannot be read"):
        folder.read()


def test_the_command_line_tells_the_result(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labelled_set(tmp_path)
    given = ["calibrate", "a", "--result", "--runs-dir", str(tmp_path)]
    assert main(given) == 0
    told = capsys.readouterr().out
    assert "model abc, threshold 0.5" in told and "2 not labelled, 1 not sure" in told
    assert "sensitivity 66.7 % (30.0-90.3, 4 of 6)" in told and "disputed" in told
    assert "people and the truth of renders: same not measured, kappa not measured" in told
    assert main([*given, "--json"]) == 0
    (outcome,) = json.loads(capsys.readouterr().out)["outcomes"]
    assert outcome["profile"]["threshold"] == 0.5
    assert outcome["measured"][1]["calibration"] == {
        "found": 4, "shown": 6, "passed": 2, "clean": 3
    }  # fmt: skip
    assert main(["calibrate", "b", "--result", "--runs-dir", str(tmp_path)]) == 1
    assert main(["calibrate", "icon-weapon", "--runs-dir", str(tmp_path)]) == 1
