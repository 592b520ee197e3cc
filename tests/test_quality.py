"""Scorers against libraries and by hand, and what no scorer may praise."""

import json
import math
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from scipy import linalg
from torchmetrics.image.kid import KernelInceptionDistance, poly_kernel

from studio.errors import StudioError
from studio.evaluation.comparison import grouped_mean
from studio.evaluation.quality import SCORERS, clip, features, halves, score_all
from studio.evaluation.quality.backbone import Backbone, distances, unit
from studio.evaluation.quality.cmmd import kernel
from studio.evaluation.quality.collapsed import collapsed
from studio.evaluation.quality.frechet import Given, fid
from studio.evaluation.quality.icon_space import icon_space
from studio.evaluation.quality.pairwise import backbone_distances, load_lpips
from studio.failures import told
from studio.world import ICON_JUDGE
from tests.quality_pictures import NOTHING, Drawings, drawings, save_tiny_clip

RNG = np.random.default_rng(5)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Drawings:
    return drawings(tmp_path_factory.mktemp("quality"))


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny random CLIP."""
    return save_tiny_clip(tmp_path_factory.mktemp("weights"))


@pytest.fixture(params=["judge features", "EfficientNet-Lite0"])
def network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Each network that may look, in turn."""
    if request.param == "judge features":
        monkeypatch.setattr(features, "stages", features.judge_stages)
    else:
        pytest.importorskip("efficientnet_lite_pytorch", reason="an optional extra")
    yield request.param


# statistics


@pytest.mark.filterwarnings("ignore:Metric `Kernel Inception Distance`")
def test_kid_of_one_halving_is_torchmetrics_kid(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = RNG.normal(size=(20, 6)), RNG.normal(size=(20, 6)) + 0.4
    monkeypatch.setattr(halves, "HALVINGS", 1)
    found = halves.mmd(poly_kernel, x, y, seed=3)
    order = torch.randperm(20, generator=torch.Generator().manual_seed(3))
    metric = KernelInceptionDistance(feature=Given(6), subsets=1, subset_size=10)
    metric.update(torch.from_numpy(x)[order[:10]], real=True)
    metric.update(torch.from_numpy(y)[order[10:]], real=False)
    assert found.value == pytest.approx(float(metric.compute()[0]))


def test_no_change_has_a_kid_of_zero_within_its_interval() -> None:
    x = RNG.normal(size=(60, 8))
    found = halves.mmd(poly_kernel, x, x)
    assert found.low < 0 < found.high
    # by hand, over all pairs i != j: E k(x, x') + E k(y, y') - 2 E k(x, y')
    y = x + RNG.normal(size=x.shape) * 0.8 + 0.7
    found = halves.mmd(poly_kernel, x, y)
    off = ~np.eye(60, dtype=bool)
    xx, xy, yy = (((a @ b.T) / 8 + 1) ** 3 for a, b in ((x, x), (x, y), (y, y)))
    exact = xx[off].mean() + yy[off].mean() - 2 * xy[off].mean()
    assert found.value == pytest.approx(exact, abs=(found.high - found.low) / math.sqrt(200))
    assert found.low > 0


@pytest.mark.slow
def test_the_interval_of_kid_covers_no_change_often_enough() -> None:
    def covers(seed: int) -> bool:
        rng = np.random.default_rng(seed)
        found = halves.mmd(poly_kernel, rng.normal(size=(80, 16)), rng.normal(size=(80, 16)))
        return found.low <= 0 <= found.high

    assert sum(covers(seed) for seed in range(200)) >= 186  # 93 %


def test_fid_is_the_frechet_distance() -> None:
    x, y = RNG.normal(size=(50, 5)), RNG.normal(size=(50, 5)) @ RNG.normal(size=(5, 5))
    one, other = np.cov(x.T), np.cov(y.T)
    mixed = linalg.sqrtm(one @ other).real
    wanted = np.square(x.mean(0) - y.mean(0)).sum() + np.trace(one + other - 2 * mixed)
    assert fid(x, y) == pytest.approx(wanted, rel=1e-6)
    assert fid(x, x) == pytest.approx(0, abs=1e-6)


def test_cmmd_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    points = torch.tensor([[0.0], [10.0], [20.0]], dtype=torch.float64)
    near, far = math.exp(-0.5), math.exp(-2)  # 10^2 / (2 * 10^2), 20^2 / (2 * 10^2)
    wanted = torch.tensor([[1, near, far], [near, 1, near], [far, near, 1]], dtype=torch.float64)
    torch.testing.assert_close(kernel(points, points), wanted)
    # two originals at 0 and 10, two safeguarded ones at 20: unbiased, so no k(x, x)
    monkeypatch.setattr(halves, "HALVINGS", 1)
    order = torch.randperm(4, generator=torch.Generator().manual_seed(0))
    x, y = np.zeros((4, 1)), np.full((4, 1), 20.0)
    x[order[0]] = 10.0
    found = halves.mmd(kernel, x, y)
    assert found.value == pytest.approx(near + 1 - 2 * (near + far) / 2)


def test_a_mean_over_whole_prompts_is_less_sure_than_over_pictures() -> None:
    values = np.repeat(RNG.normal(size=12), 10)
    prompts = [str(place // 10) for place in range(120)]
    mean, low, high = grouped_mean(values)
    same, wide_low, wide_high = grouped_mean(values, prompts)
    assert mean == pytest.approx(same) == pytest.approx(values.mean())
    assert None not in (low, high, wide_low, wide_high)
    assert wide_high - wide_low > 2 * (high - low)
    assert grouped_mean([0.5], ["one"]) == (0.5, None, None)
    assert grouped_mean([0.5, 0.5]) == (0.5, None, None)  # alike by chance, not for certain
    assert grouped_mean([1, 2, 2, 1], ["a", "a", "b", "b"]) == (1.5, None, None)


# pictures


def test_feature_distance_is_0_for_equal_pictures_and_symmetric(
    network: str, drawn: Drawings
) -> None:
    eyes = features.stages()
    assert eyes.name == network
    one, other = drawn.original[:4], drawn.original[4:8]
    assert np.abs(backbone_distances(eyes, one, one)).max() == 0
    there, back = backbone_distances(eyes, one, other), backbone_distances(eyes, other, one)
    np.testing.assert_allclose(there, back)
    assert there.min() > 0.01


def test_distance_of_opposite_and_of_square_features_by_hand() -> None:
    ones, cross = torch.tensor([[3.0, 0.0]]), torch.tensor([[0.0, 5.0]])
    a, b = (unit(part[..., None, None]) for part in (ones, cross))
    assert float(distances([a], [b])) == pytest.approx(2)  # 1^2 + 1^2
    assert float(distances([a, a], [b, -a])) == pytest.approx((2 + 4) / 2)


@pytest.mark.parametrize("nothing", NOTHING)
def test_a_model_that_draws_nothing_gets_no_praise_and_is_called_collapsed(
    nothing: str, network: str, drawn: Drawings, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Icon World's space stands for CLIP, whose weights do not ship
    monkeypatch.setattr(clip, "clip_at", lambda weights: icon_space())
    skipped = {"lpips"} if network == "judge features" else {"lpips", "fid"}  # fid: 3 s each
    names = [name for name in SCORERS if name not in skipped]
    broken = drawn.of(nothing, NOTHING[nothing])
    scores = score_all(drawn.original, broken, drawn.prompts, drawn.floor, names=names)
    assert len(scores) == len(names)
    for score in scores:
        assert score.value is not None and score.floor is not None, score
        if score.better == "low":
            assert score.value > 2 * score.floor, score
        else:
            assert score.change is not None and score.change[2] is not None
            assert score.change[2] < -0.2, score
    assert collapsed(None, scores) is True


def test_the_original_itself_is_not_collapsed(network: str, drawn: Drawings) -> None:
    names = ["kid", "feature-distance", "icon-match"]
    same = score_all(drawn.original, drawn.original, drawn.prompts, drawn.floor, names=names)
    found = {score.profile.id: score for score in same}
    assert found["kid"].low < 0 < found["kid"].high
    assert found["kid"].name == f"KID x1000 ({network})" and found["kid"].profile.model
    assert found["feature-distance"].value == 0 and found["feature-distance"].high is None
    assert found["icon-match"].change == (0, None, None)
    assert collapsed(None, same) is False
    again = score_all(drawn.original, drawn.floor, drawn.prompts, drawn.floor, names=["kid"])
    assert collapsed(None, again) is False


def test_pictures_of_other_prompts_are_seen_by_text_match_alone(drawn: Drawings) -> None:
    other = [*drawn.original[5:], *drawn.original[:5]]  # the same pictures under other prompts
    kid, match = score_all(
        drawn.original, other, drawn.prompts, drawn.floor, names=["kid", "icon-match"]
    )
    assert collapsed(None, [kid]) is False
    assert match.value is not None and match.original is not None
    assert match.value < match.original - 0.2


def test_prompts_of_icon_world_fit_their_own_pictures_best(drawn: Drawings) -> None:
    space, own = icon_space(), list(dict.fromkeys(drawn.prompts))
    fits = space.pictures(drawn.original[: len(own)]) @ space.texts(own).T
    assert (fits.argmax(1) == np.arange(len(own))).mean() >= 0.9
    about = json.loads((ICON_JUDGE / "contrast.json").read_text())
    assert about["held_out"]["of_64"]["low"] > 0.95
    assert (ICON_JUDGE / "contrast.safetensors").stat().st_size < 1e6


def test_clip_scores_are_transformers_own(drawn: Drawings, weights: Path) -> None:
    eyes = clip.clip_at(weights)
    files, prompts = drawn.original[:3], ["a bomb", "a spoon", "a cat on red"]
    pixels = eyes.prepare(images=[Image.open(f) for f in files], return_tensors="pt")
    words = eyes.tokenizer(prompts, padding=True, return_tensors="pt")
    with torch.no_grad():
        answer = eyes.model(**words, **pixels)
        wanted = answer.logits_per_image / eyes.model.logit_scale.exp()
    found = eyes.pictures(files) @ eyes.texts(prompts).T
    np.testing.assert_allclose(found, wanted.numpy(), atol=1e-6)
    long = ["a b " * 60, "a spoon"]  # the published score reads the start of such prompts
    ids = eyes.tokenizer(long, padding=True, truncation=True, return_tensors="pt")
    with torch.no_grad():
        start = eyes.model.get_text_features(**ids)
    start = getattr(start, "pooler_output", start)
    theirs = torch.nn.functional.normalize(start, dim=-1)
    np.testing.assert_allclose(eyes.texts(long), theirs.numpy(), atol=1e-6)
    assert eyes.cut(long) == 1


# what is missing


def test_what_is_missing_is_said_and_the_rest_goes_on(
    drawn: Drawings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "lpips", None)
    load_lpips.cache_clear()
    scores = score_all(drawn.original, drawn.floor, drawn.prompts)
    found = {score.profile.id: score for score in scores}
    assert list(found) == list(SCORERS)
    missing = {name for name, score in found.items() if score.value is None}
    assert missing == {"lpips", "cmmd", "clip-score", "fid"}
    for name in missing:
        assert found[name].needs and found[name].n == len(drawn.prompts)
        assert told(found[name].needs, "zh") != found[name].needs
    assert found["kid"].floor is None and collapsed(None, scores) is None


def test_without_the_extra_the_judge_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "efficientnet_lite_pytorch", None)
    with pytest.raises(StudioError, match="EfficientNet-Lite0 is not installed"):
        Backbone()
    assert features.stages.__wrapped__().name == "judge features"


def test_inception_needs_its_package(
    drawn: Drawings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cleanfid", None)
    (tmp_path / "inception-2015-12-05.pt").write_bytes(b"weights")
    score = score_all(drawn.original, drawn.floor, drawn.prompts, names=["kid"], weights=tmp_path)[
        0
    ]
    assert (score.value, score.needs) == (None, "The package clean-fid cannot be imported.")


def test_columns_that_do_not_belong_together_are_refused(drawn: Drawings) -> None:
    with pytest.raises(StudioError, match="different numbers of pictures"):
        score_all(drawn.original, drawn.floor[1:], drawn.prompts)
    with pytest.raises(StudioError, match="3 pictures are too few"):
        score_all(drawn.original[:3], drawn.floor[:3], drawn.prompts[:3])
    with pytest.raises(StudioError, match="all the same picture"):
        score_all(drawn.original[:1] * 8, drawn.floor[:8], drawn.prompts[:8])
    with pytest.raises(StudioError, match="no scorer 'beauty'"):
        score_all(drawn.original, drawn.floor, drawn.prompts, names=["beauty"])
