"""Concepts: what should disappear, what must stay, and the prompts that show it."""

import tempfile
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from studio.config import Pack
from studio.errors import StudioError
from studio.presets import check, check_pack, pack_yaml, parse_pack
from studio.ui import parts
from studio.ui.common import Studio, lines, shown_to_user
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
                    self._choices(),
                    value=FIRST_PACK,
                    label=word("pack"),
                    info=word("pack_info"),
                    elem_id="pack",
                )
                self.about = gr.HTML(apply_default_css=False)
                with gr.Row(elem_classes="actions left"):
                    self.upload = gr.UploadButton(
                        word("import"), file_types=[".yaml", ".yml"], size="sm"
                    )
                with gr.Accordion(word("own_pack"), open=False):
                    self.name = gr.Textbox(
                        label=word("own_name"), max_length=80, elem_id="pack-name"
                    )
                    with gr.Row(elem_classes="actions left"):
                        self.save = gr.Button(word("save_pack"), size="sm", elem_id="save-pack")
                        self.download = gr.DownloadButton(word("download_pack"), size="sm")
            with gr.Column(scale=3, elem_classes="sg-card", min_width=320):
                self.remove = gr.Dataframe(
                    headers=["concept", "other names"],
                    datatype="str",
                    type="array",
                    interactive=True,
                    label=word("remove"),
                    wrap=True,
                    elem_id="remove",
                )
                self.keep = gr.Textbox(
                    label=word("keep"),
                    info=word("keep_info"),
                    lines=6,
                    max_lines=12,
                    elem_id="keep",
                )
                self.note = gr.HTML(apply_default_css=False)
                with gr.Accordion(word("probes"), open=False):
                    self.probes = gr.Dataframe(
                        headers=["prompt", "seed", "kind", "judge looks for"],
                        datatype="str",
                        type="array",
                        interactive=True,
                        show_label=False,
                        wrap=True,
                        elem_classes="plain-label",
                    )
        with gr.Row(elem_classes="bar"):
            gr.HTML("", elem_classes="grow", apply_default_css=False)
            self.next = gr.Button(word("next_train"), variant="primary", elem_id="next-train")
        self.draft = gr.BrowserState({}, storage_key="studio-draft", secret="studio")
        self.fields = [self.base, self.remove, self.keep, self.probes]
        self._wire()

    def _wire(self) -> None:
        filled = [self.base, self.remove, self.keep, self.probes, self.about, self.note]
        self.choice.input(self._choose, [self.choice], filled, show_progress="hidden")
        self.upload.upload(self._import, [self.upload], filled)
        self.save.click(self._save, [self.name, *self.fields], [self.choice, self.base, self.about])
        self.download.click(self._download, self.fields, [self.download])
        for part in (self.remove, self.keep, self.probes):
            part.change(self._changed, self.fields, [self.note, self.draft], show_progress="hidden")

    def first(self, draft: dict[str, Any], request: gr.Request) -> list[Any]:
        """What the form shows when a page opens: what was in it when it was left."""
        lang = language(request)
        try:
            base = Pack(**draft["base"])
            remove, keep, probes = draft["rows"]
            note = warnings_html(draft["base"], remove, keep, probes, lang)
            return [draft["base"], remove, keep, probes, about_html(base, lang), note, base.id]
        except (KeyError, TypeError, ValueError):
            return [*self._choose(FIRST_PACK, request), FIRST_PACK]

    def _choose(self, name: str, request: gr.Request) -> list[Any]:
        lang = language(request)
        with shown_to_user(lang):
            return self._fill(self.studio.runs.pack(name), lang)

    def _import(self, file: str, request: gr.Request) -> list[Any]:
        lang = language(request)
        with shown_to_user(lang):
            text = Path(file).read_text(encoding="utf-8", errors="replace")
            return self._fill(parse_pack(text, Path(file).name), lang)

    def _fill(self, pack: Pack, lang: str) -> list[Any]:
        return [
            pack.model_dump(mode="json"),
            [[concept.name, ", ".join(concept.synonyms)] for concept in pack.remove],
            "\n".join(pack.keep),
            [[p.prompt, str(p.seed), p.kind, p.shows] for p in pack.probes],
            about_html(pack, lang),
            overlaps_html(pack, lang),
        ]

    def _choices(self) -> list[tuple[Any, str]]:
        own = {file.stem for file in self.studio.runs.own_packs.glob("*.yaml")}
        return [
            (pack.title.en if name in own else self.studio.words(f"pack_{name}"), name)
            for name, pack in self.studio.runs.packs().items()
        ]

    def _save(self, request: gr.Request, name: str, *fields: Any) -> list[Any]:
        lang = language(request)
        with shown_to_user(lang):
            own = self.studio.runs.save_pack(pack_of(*fields), name)
        gr.Info(say(lang, "saved_pack"))
        return [
            gr.update(choices=self._choices(), value=own.id),
            own.model_dump(mode="json"),
            about_html(own, lang),
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
        note = warnings_html(base, remove, keep, probes, language(request))
        return [note, {"base": base, "rows": [remove, keep, probes]}]


def pack_of(base: dict[str, Any], remove: Any, keep: str, probes: Any) -> Pack:
    """The pack that a filled form describes.

    Raises:
        StudioError: nothing is removed, or something is both removed and kept; says which.
    """
    concepts = [
        {"name": str(row[0]).strip(), "synonyms": _names(row[1] if len(row) > 1 else "")}
        for row in remove or []
        if row and str(row[0] or "").strip()
    ]
    shown = [
        {
            "prompt": str(row[0]).strip(),
            "seed": _whole(row[1]),
            "kind": str(row[2] or "target").strip(),
            "shows": str(row[3] or "").strip(),
        }
        for row in probes or []
        if row and str(row[0] or "").strip()
    ]
    data = {**base, "remove": concepts, "keep": list(lines(keep)), "probes": shown}
    pack = check(Pack, data, "This list")
    check_pack(pack, "This list")
    return pack


def warnings_html(base: dict[str, Any], remove: Any, keep: str, probes: Any, lang: str) -> str:
    """What is wrong with a filled form, or may go wrong with it."""
    try:
        return overlaps_html(pack_of(base, remove, keep, probes), lang)
    except StudioError as error:
        return parts.trouble("attention", error.what, error.way_out, lang)


def _names(text: Any) -> list[str]:
    return [name.strip() for name in str(text or "").replace("，", ",").split(",") if name.strip()]


def _whole(text: Any) -> int | str:
    try:
        return int(str(text).strip() or 0)
    except ValueError:
        return str(text)


def about_html(pack: Pack, lang: str) -> str:
    """What a pack says of itself."""
    text = pack.description.zh if lang == "zh" else pack.description.en
    tags = [parts.pill("removed", f"{len(pack.remove)} {say(lang, 'remove')}")]
    tags.append(parts.pill("kept", f"{len(pack.keep)} {say(lang, 'keep')}"))
    note = ""
    if pack.sensitivity == "sensitive":
        note = f'<p class="sg-cap">{say(lang, "sensitive")}</p>'
    return (
        f'<p class="sg-sub">{escape(text)}</p><p class="sg-tags">{"".join(tags)}</p>{note}'
        f'<p class="sg-cap">{say(lang, "licence")}: {escape(pack.licence)} · '
        f"{escape(pack.author)}</p>"
    )


def overlaps_html(pack: Pack, lang: str) -> str:
    """A warning for each kept phrase that contains a removed name."""
    names = [name for concept in pack.remove for name in (concept.name, *concept.synonyms)]
    rows = []
    for phrase in pack.keep:
        padded = f" {phrase.lower()} "
        name = next((name for name in names if f" {name.lower()} " in padded), None)
        if name:
            text = escape(say(lang, "overlap", keep=phrase, name=name))
            rows.append(f'<li class="warn">{parts.icon("alert")}<span>{text}</span></li>')
    return f'<ul class="sg-list">{"".join(rows)}</ul>' if rows else ""
