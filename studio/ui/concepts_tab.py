"""Concepts: what should disappear, what must stay, and the prompts that show it."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from studio.config import Pack
from studio.errors import StudioError
from studio.files import place_of
from studio.presets import load_pack, pack_yaml
from studio.ui import parts
from studio.ui.common import Studio, shown_to_user
from studio.ui.pack_form import about_html, counts_html, overlaps_html, pack_of, pack_rows
from studio.ui.today import TodayCard
from studio.ui.words import language, say

FIRST_PACK = "icon-weapons"


class ConceptsTab:
    """The form of a pack; `pack_of` reads it back."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        word = studio.words
        self.base = gr.State(studio.runs.pack(FIRST_PACK).model_dump(mode="json"))
        with gr.Row():
            with gr.Column(scale=2, elem_classes="sg-card", min_width=280):
                self.choice = gr.Dropdown(
                    self._choices("en"),
                    value=FIRST_PACK,
                    label=word("pack"),
                    info=word("pack_info"),
                    elem_id="pack",
                )
                self.about = gr.HTML(apply_default_css=False)
                with gr.Row(elem_classes="actions left"):
                    self.upload = gr.UploadButton(
                        word("import"), file_types=[".yaml", ".yml"], size="sm", elem_id="import"
                    )
                with gr.Accordion(word("own_pack"), open=False):
                    self.name = gr.Textbox(
                        label=word("own_name"), max_length=80, elem_id="pack-name"
                    )
                    with gr.Row(elem_classes="actions left"):
                        self.save = gr.Button(word("save_pack"), size="sm", elem_id="save-pack")
                        self.download = gr.DownloadButton(word("download_pack"), size="sm")
            with gr.Column(scale=5, min_width=320):
                self.today = TodayCard(studio)
                with gr.Row():
                    with gr.Column(scale=3, elem_classes="sg-card", min_width=300):
                        self.remove_head = gr.HTML(apply_default_css=False)
                        self.remove = _table("remove")
                        with gr.Row(elem_classes="actions left"):
                            self.add = gr.Button(word("add_concept"), size="sm", elem_id="add")
                    with gr.Column(scale=2, elem_classes="sg-card", min_width=240):
                        self.keep_head = gr.HTML(apply_default_css=False)
                        self.keep = gr.Textbox(
                            label=word("keep"),
                            show_label=False,
                            container=False,
                            lines=7,
                            max_lines=12,
                            elem_id="keep",
                        )
                        self.note = gr.HTML(apply_default_css=False)
                with gr.Column(elem_classes="sg-card"):
                    self.probes_head = gr.HTML(apply_default_css=False)
                    self.probes = _table("probes")
        with gr.Row(elem_classes="bar"):
            self.counts = gr.HTML("", elem_classes="grow", apply_default_css=False)
            self.reset = gr.Button(word("reset"), size="md", elem_id="reset")
            self.next = gr.Button(word("next_train"), variant="primary", elem_id="next-train")
        self.draft = gr.BrowserState({}, storage_key="studio-draft", secret="studio")
        self.fields = [self.base, self.remove, self.keep, self.probes]
        heads = [self.remove_head, self.keep_head, self.probes_head]
        self.filled = [*self.fields, self.about, self.note, self.counts, *heads]

    def wire(self, blur: gr.Checkbox) -> None:
        """Connect the form; pictures of sensitive packs follow the blur switch."""
        seen = {"fn": self._today, "inputs": [self.base, blur], "outputs": self.today.outputs}
        fill = {"outputs": self.filled, "show_progress": "hidden"}
        self.choice.input(self._choose, [self.choice], **fill).then(**seen, show_progress="hidden")
        self.reset.click(self._reset, [self.base], **fill)
        self.upload.upload(self._import, [self.upload], self.filled).then(**seen)
        kept = [self.choice, self.base, self.about, self.note, self.counts, self.draft]
        self.save.click(self._save, [self.name, *self.fields], kept)
        self.download.click(self._download, self.fields, [self.download])
        self.add.click(lambda rows: [*rows, ["", ""]], [self.remove], [self.remove])
        self.today.draw.click(
            self._draw_today,
            [self.base, blur],
            self.today.outputs,
            concurrency_limit=1,
            concurrency_id="draw",
            show_progress="hidden",
        )
        blur.change(**seen, show_progress="hidden")
        changed = [self.note, self.counts, self.draft]
        for part in (self.remove, self.keep, self.probes):
            part.change(self._changed, self.fields, changed, show_progress="hidden")

    def first(self, draft: dict[str, Any], blur: bool, request: gr.Request) -> list[Any]:
        """What the form shows when a page opens: what was in it when it was left."""
        lang = language(request)
        try:
            pack = Pack(**draft["base"])
            remove, keep, probes = draft["rows"]
            filled = self._fill(pack, lang)
            filled[:4] = [draft["base"], _rows(lang, "remove", remove), keep, filled[3]]
            filled[3] = _rows(lang, "probes", probes)
            filled[5:7] = self._notes(draft["base"], remove, keep, probes, lang)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            pack = self.studio.runs.pack(FIRST_PACK)
            filled = self._fill(pack, lang)
        choice = gr.update(choices=self._choices(lang), value=pack.id)
        return [*filled, choice, *self.today.shown(pack, blur, request)]

    def _choose(self, name: str, request: gr.Request) -> list[Any]:
        lang = language(request)
        with shown_to_user(lang):
            return self._fill(self.studio.runs.pack(name), lang)

    def _reset(self, base: dict[str, Any], request: gr.Request) -> list[Any]:
        return self._fill(Pack(**base), language(request))

    def _import(self, file: str, request: gr.Request) -> list[Any]:
        lang = language(request)
        with shown_to_user(lang):
            return self._fill(load_pack(place_of(str(file or ""))), lang)

    def _fill(self, pack: Pack, lang: str) -> list[Any]:
        base = pack.model_dump(mode="json")
        remove, keep, probes = pack_rows(pack)
        return [
            base,
            _rows(lang, "remove", remove),
            keep,
            _rows(lang, "probes", probes),
            about_html(pack, lang),
            *self._notes(base, remove, keep, probes, lang),
            parts.head(say(lang, "remove"), say(lang, "remove_info")),
            parts.head(say(lang, "keep"), say(lang, "keep_info")),
            parts.head(say(lang, "probes"), say(lang, "probes_info")),
        ]

    def _today(self, base: dict[str, Any], blur: bool, request: gr.Request) -> list[Any]:
        return self.today.shown(Pack(**base), blur, request)

    def _draw_today(
        self, base: dict[str, Any], blur: bool, request: gr.Request
    ) -> Iterator[list[Any]]:
        yield from self.today.drawn(Pack(**base), blur, request)

    def _choices(self, lang: str) -> list[tuple[str, str]]:
        packs = self.studio.runs.packs().items()
        return [(pack.title.of(lang), name) for name, pack in packs]

    def _save(
        self, request: gr.Request, name: str, base: Any, remove: Any, keep: str, probes: Any
    ) -> list[Any]:
        lang = language(request)
        with shown_to_user(lang):
            own = self.studio.runs.save_pack(pack_of(base, remove, keep, probes), name)
        gr.Info(say(lang, "saved_pack"))
        base = own.model_dump(mode="json")
        return [
            gr.update(choices=self._choices(lang), value=own.id),
            base,
            about_html(own, lang),
            *self._changed(base, remove, keep, probes, request),
        ]

    def _download(self, request: gr.Request, *values: Any) -> str:
        with shown_to_user(language(request)):
            pack = pack_of(*values)
            folder = Path(tempfile.mkdtemp(prefix="studio-pack-"))
            file = folder / f"{pack.id}.yaml"
            file.write_text(pack_yaml(pack), encoding="utf-8")
            return str(file)

    def _changed(
        self, base: dict[str, Any], remove: Any, keep: str, probes: Any, request: gr.Request
    ) -> list[Any]:
        notes = self._notes(base, remove, keep, probes, language(request))
        return [*notes, {"base": base, "rows": [remove, keep, probes]}]

    @staticmethod
    def _notes(
        base: dict[str, Any], remove: Any, keep: str, probes: Any, lang: str
    ) -> tuple[str, str]:
        """What is wrong with a filled form or may go wrong with it; and what it holds."""
        try:
            pack = pack_of(base, remove, keep, probes)
        except StudioError as error:
            return parts.trouble("attention", error.what, error.way_out, lang), ""
        return overlaps_html(pack, lang), counts_html(pack, pack != Pack(**base), lang)


def _table(name: str) -> gr.Dataframe:
    return gr.Dataframe(
        headers=[word for _, word in _COLUMNS[name]],
        datatype="str",
        type="array",
        interactive=True,
        show_label=False,
        wrap=True,
        column_widths=_WIDTHS[name],
        elem_id=name,
        elem_classes="plain-label",
    )


_COLUMNS = {
    "remove": (("col_name", "concept"), ("col_synonyms", "other names")),
    "probes": (
        ("col_prompt", "prompt"),
        ("col_seed", "seed"),
        ("col_kind", "kind"),
        ("col_shows", "judge looks for"),
    ),
}


_WIDTHS = {"remove": ["42%", "58%"], "probes": ["390px", "90px", "126px", "170px"]}


def _rows(lang: str, name: str, rows: Any) -> dict[str, Any]:
    return {"headers": [say(lang, key) for key, _ in _COLUMNS[name]], "data": rows}
