"""The files of a report: whole, in two languages, blurred and marked where they must be."""

import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
from huggingface_hub import ModelCard as HubCard
from PIL import Image

from studio.config import ModelCard
from studio.evaluation.findings import Profile, Score
from studio.pictures import cover_of, thumbnail
from studio.records import Rate
from studio.services.report import Reports
from studio.services.reporting.card import model_card
from studio.services.reporting.export_json import findings_json
from studio.services.reporting.facts import model_sha256
from studio.services.reporting.figures import trade_off_figure, verdict_figure
from studio.services.reporting.words import rate_said
from studio.services.runs import Runs
from tests.evaluation_by_hand import evaluation, run_of

VOID = {"meta", "input", "img", "link", "br", "path", "circle", "line", "rect", "use"}


class Reader(HTMLParser):
    """Checks that what is opened is closed, and collects addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.addresses: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name in ("src", "href", "action", "data", "poster", "srcset") and value:
                self.addresses.append(value)
            if name == "id" and value:
                self.ids.append(value)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and (not self.open or self.open.pop() != tag):
            self.wrong.append(tag)


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path / "runs")


def test_the_page_is_one_whole_file_in_two_languages(runs: Runs) -> None:
    folder, reports = evaluation(run_of(runs.root), second=True), Reports(runs)
    findings = reports.make(folder.id)
    html = reports.html(findings)
    reader = read(html)
    assert reader.wrong == [] and reader.open == []
    assert len(reader.ids) == len(set(reader.ids))
    assert all(address.startswith("data:image/jpeg") for address in reader.addresses)
    assert len(reader.addresses) == 2 * len(findings.worst)
    assert not re.search(r"https?://(?!www\.w3\.org)", html) and "<script" not in html
    assert "prefers-color-scheme:dark" in html
    for words in (
        "should disappear",
        "Not tested",
        "re-teaching was not tried",
        "应该消失",
        "未测试",
    ):
        assert words.lower() in html.lower(), words
    assert "watermark" not in html.split("</style>")[1]


def test_a_quick_look_is_watermarked_everywhere(runs: Runs) -> None:
    folder, reports = evaluation(run_of(runs.root), quick=True, pictures=False), Reports(runs)
    findings, mark = reports.make(folder.id), "quick look, not a verdict"
    html = reports.html(findings)
    assert mark in html and 'class="watermark"' in html
    assert json.loads(findings_json(findings))["watermark"] == mark
    assert mark.capitalize() in model_card(findings, folder.config)
    shown = reports.points(findings)
    for figure in (verdict_figure(findings), trade_off_figure(findings, shown)):
        assert [text.get_text() for text in figure.texts] == [mark]
    assert "--quick" in findings.about["command"]


def test_sensitive_pictures_are_blurred_in_the_file(runs: Runs) -> None:
    run = run_of(runs.root, sensitivity="sensitive", shows={"en": "icons", "zh": "图标"})
    folder, reports = evaluation(run), Reports(runs)
    findings = reports.make(folder.id)
    html = reports.html(findings)
    for worst in findings.worst:
        for name in (worst.original, worst.safeguarded):
            assert thumbnail(folder.path / name) not in html
            assert thumbnail(cover_of(folder.path / name)) in html


def test_what_people_typed_is_escaped(runs: Runs) -> None:
    nasty = "<script>alert(1)</script>"
    run = run_of(runs.root, title={"en": nasty, "zh": nasty})
    folder = evaluation(run)
    lines = (folder.path / "rows.jsonl").read_text().replace("show me", nasty.replace("/", "\\/"))
    (folder.path / "rows.jsonl").write_text(lines)
    reports = Reports(runs)
    html = reports.html(reports.make(folder.id))
    assert "<script" not in html and "&lt;script&gt;" in html


def test_the_card_has_a_model_index_that_loads_back(runs: Runs) -> None:
    shown = {"direct": (100, 0), "neighbours": (98, 97), "others": (100, 100)}
    folder, reports = evaluation(run_of(runs.root), shown=shown), Reports(runs)
    text = model_card(reports.make(folder.id), folder.config)
    card = HubCard(text)  # reads the front matter and turns model-index into results
    results = {(r.dataset_config, r.metric_type): r for r in card.data.eval_results}
    assert ("direct", "leak_rate") not in results  # zero hits are a bound, never 0
    bound = results["direct", "leak_upper_95"]
    assert bound.metric_value == pytest.approx(0.0370, abs=1e-4)
    assert (bound.metric_args["k"], bound.metric_args["n"]) == (0, 100)
    assert "icon-world 0123456789ab" in bound.metric_args["judge"]
    assert results["neighbours", "kept_rate"].metric_value == 0.97
    assert card.data.license == "apache-2.0" and card.data.base_model is None
    assert "0 of 100, below 3.7 %" in text
    for words in (
        "## Not tested",
        "can be switched off",
        "training steps: 180",
        "4 min 9 s",
        "1.1 GB",
    ):
        assert words in text, words


def test_the_card_names_a_base_model_of_the_hub(runs: Runs) -> None:
    run = run_of(runs.root)
    folder = evaluation(run, pictures=False)
    file = folder.path / "evaluation.yaml"
    file.write_text(
        file.read_text()
        .replace("source: assets/icon-world", "source: CompVis/stable-diffusion-v1-4")
        .replace("licence: Apache-2.0; pictures", "licence: CreativeML OpenRAIL-M; pictures")
    )
    reports = Reports(runs)
    data = HubCard(model_card(reports.make(folder.id), folder.config)).data
    assert data.base_model == "CompVis/stable-diffusion-v1-4"
    assert data.license == "creativeml-openrail-m"


def test_figures_are_pictures_and_drawings(runs: Runs) -> None:
    folder, reports = evaluation(run_of(runs.root), pictures=False), Reports(runs)
    figures = reports.export(reports.make(folder.id)).figures
    assert {file.name for file in figures} == {
        "verdict.svg", "verdict.png", "trade-off.svg", "trade-off.png",
    }  # fmt: skip
    for file in figures:
        if file.suffix == ".png":
            with Image.open(file) as image:
                assert image.width > 800 and len(image.convert("RGB").getcolors(10**6)) > 3
        else:
            assert file.read_text().lstrip().startswith("<?xml")


def test_nothing_measured_is_said_and_is_no_zero(runs: Runs) -> None:
    score = Score("KID", None, 0, Profile("kid"), needs="torch-fidelity")
    folder, reports = evaluation(run_of(runs.root), scores=[score], pictures=False), Reports(runs)
    html = reports.html(reports.make(folder.id))
    assert "not measured: torch-fidelity" in html
    assert rate_said(Rate(0, 0, None, None, None), "en") == "not measured"
    assert rate_said(Rate(0, 0, None, None, None), "zh") == "未测量"
    assert rate_said(Rate(0, 500, 0.0, 0.0, 0.00762), "en") == "0 of 500, below 0.8 %"
    assert rate_said(Rate(0, 500, 0.0, 0.0, 0.00762), "zh") == "500 张中 0 张，低于 0.8 %"


def test_a_report_hashes_the_weights_that_are_loaded_and_no_decoy(
    card: ModelCard, tmp_path: Path
) -> None:
    place = tmp_path / "model"
    shutil.copytree(card.source, place)
    copy = card.model_copy(update={"source": str(place)})
    plain = model_sha256(copy)
    assert plain and plain == model_sha256(card)
    unet = place / "unet"
    (unet / "aaa.safetensors").write_bytes(b"a decoy, loaded by nobody")
    assert model_sha256(copy) == plain
    file = unet / "diffusion_pytorch_model.safetensors"
    file.rename(unet / "diffusion_pytorch_model.fp16.safetensors")
    assert model_sha256(copy) == plain
    (unet / "diffusion_pytorch_model.fp16.safetensors").unlink()
    assert model_sha256(copy) == ""
