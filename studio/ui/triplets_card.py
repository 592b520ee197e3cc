"""Picture triplets for SafeGen: draw a set, look through it, throw bad rows out, paint masks."""

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr
from PIL import Image

from studio.config import Pack
from studio.errors import StudioError
from studio.jobs.triplet_folder import Manifest, TripletFolder
from studio.methods.safegen import SafegenConfig
from studio.pictures import cover_of, open_picture, save_png
from studio.presets import check, find_model
from studio.services.triplet_sets import TripletSets
from studio.ui import parts
from studio.ui.common import REFRESH_SECONDS, TICK, Studio, shown_to_user, whole
from studio.ui.mask_painter import LAYER, TO_CANVAS, MaskPainter
from studio.ui.pack_form import pack_of
from studio.ui.queue_view import behind_text
from studio.ui.words import language, say

MOST_SHOWN = 200
PANEL_PX = 128


class TripletsCard:
    """A card under the settings; `field` is the setting that names the set a run uses."""

    def __init__(self, studio: Studio) -> None:
        self.studio, self.sets = studio, TripletSets(studio.runs.root, studio.runs.queue)
        word = studio.words
        self.drawing = gr.State("")
        with gr.Column(elem_classes="sg-card", visible=False, elem_id="triplets") as self.card:
            self.head = gr.HTML(apply_default_css=False)
            with gr.Row():
                self.choice = gr.Dropdown(
                    [], label=word("triplet_set"), elem_id="triplet-set", scale=3
                )
                self.draw = gr.Button(word("triplet_draw"), size="md", elem_id="triplet-draw")
                self.stop = gr.Button(word("stop"), variant="stop", size="md", visible=False)
            with gr.Accordion(word("triplet_upload"), open=False):
                with gr.Row():
                    self.files = [
                        gr.File(
                            label=word(f"triplet_{part}"),
                            file_count="multiple",
                            file_types=["image"],
                            elem_id=f"triplet-{part}",
                        )
                        for part in ("unsafe", "benign", "masks")
                    ]
                self.pair = gr.Button(word("triplet_pair"), size="md", elem_id="triplet-pair")
            self.note = gr.HTML(apply_default_css=False, elem_id="triplet-note")
            self.painter = MaskPainter(studio, self.sets)
            self.gallery = gr.Gallery(
                show_label=False,
                columns=4,
                object_fit="contain",
                height="auto",
                format="png",
                interactive=False,
                allow_preview=False,
                visible=False,
                elem_id="triplet-gallery",
            )
        self.timer = gr.Timer(REFRESH_SECONDS, active=False)

    def wire(
        self, given: list[Any], method: gr.Radio, settings: dict[str, Any], blur: gr.Checkbox
    ) -> None:
        """Connect the card.

        Gradio tells the progress of each event to its inputs and outputs again and again, and asks
        a canvas for its pictures each time, also where only a box around it is meant; the page then
        uploads without end. So no event shows its progress there (`show_progress_on`), and what is
        painted goes to the server in two steps.

        Args:
            given: the fields of the pack. settings: the components of SafeGen's settings by name.
        """
        sized = [settings[name] for name in ("count", "mask", "block_share", "blur_share")]
        method.change(
            self._opened,
            [method],
            [self.card, self.head, self.choice],
            show_progress="hidden",
            show_progress_on=self.head,
        )
        state = [self.drawing, self.timer, self.note, self.stop, self.draw]
        self.draw.click(self._start, [*given, settings["model"], *sized], state)
        self.pair.click(self._pair, [*self.files, *sized], [self.choice])
        self.stop.click(self._stop, [self.drawing], state, show_progress="hidden")
        self.timer.tick(self._tick, [self.drawing], [*state, self.choice], **TICK)
        shown = [self.gallery, self.note, settings["triplets"]]
        painter = self.painter
        seen = [self.choice, blur, painter.action]
        quiet: dict[str, Any] = {"show_progress": "hidden", "show_progress_on": painter.help}
        for part in (self.choice, blur):
            part.change(self._show, seen, [*shown, *painter.view], **quiet)
        painter.action.input(self._switch, seen, painter.view, **quiet)
        self.gallery.select(
            self._click, seen, [self.gallery, self.note, *painter.view], **quiet
        ).then(None, js=TO_CANVAS)
        painter.make.click(None, [painter.canvas], [painter.layer], js=LAYER).then(
            self._paint,
            [self.choice, blur, painter.place, painter.layer],
            [self.gallery, self.note, painter.result],
            show_progress="hidden",
        )

    def _opened(self, method: str, request: gr.Request) -> list[Any]:
        lang = language(request)
        head = parts.head(say(lang, "triplets_title"), say(lang, "triplets_sub"))
        return [gr.update(visible=method == "safegen"), head, self._choices(lang)]

    def _choices(self, lang: str, value: str = "") -> Any:
        own = [(say(lang, "triplet_own"), "")]
        return gr.update(choices=own + [(n, n) for n in self.sets.names()], value=value)

    def _start(self, request: gr.Request, *values: Any) -> list[Any]:
        lang = language(request)
        with shown_to_user(lang):
            pack: Pack = pack_of(*values[:4])
            cfg = _settings(values[5:])
            name = self.sets.start(pack, find_model(str(values[4] or "")), cfg)
        return self._state(name, lang)

    def _pair(
        self,
        request: gr.Request,
        unsafe: list[str] | None,
        benign: list[str] | None,
        masks: list[str] | None,
        *sized: Any,
    ) -> Any:
        lang = language(request)
        with shown_to_user(lang):
            name = self.sets.pair(_paths(unsafe), _paths(benign), _paths(masks), _settings(sized))
        return self._choices(lang, name)

    def _stop(self, name: str, request: gr.Request) -> list[Any]:
        with shown_to_user(language(request)):
            self.sets.stop(name)
        return ["", gr.Timer(active=False), "", gr.update(visible=False), gr.update(visible=True)]

    def _state(self, name: str, lang: str) -> list[Any]:
        state = self.sets.state(name)
        if state.failed:
            note = f'<p class="sg-sub">{escape(state.failed)}</p>'
        else:
            text = say(lang, "triplets_text", done=state.done, total=state.total)
            text = behind_text(state.behind, lang) if state.behind else text
            note = parts.busy(text) if state.drawing else ""
        return [
            name if state.drawing else "",
            gr.Timer(active=state.drawing),
            note,
            gr.update(visible=state.drawing),
            gr.update(visible=not state.drawing),
        ]

    def _tick(self, name: str, request: gr.Request) -> list[Any]:
        if not name:
            return [gr.skip()] * 6
        lang = language(request)
        found = self._state(name, lang)
        ready = name in self.sets.names()
        return [*found, self._choices(lang, name) if ready else gr.skip()]

    def _show(self, name: str, blur: bool, action: str, request: gr.Request) -> list[Any]:
        lang = language(request)
        if not name:
            closed = self.painter.closed(name, blur, action, lang)
            return [gr.update(visible=False), "", "", *closed]
        with shown_to_user(lang):
            folder = self.sets.folder(name)
            manifest = folder.read()
            closed = self.painter.closed(name, blur, action, lang)
        seen = self._pictures(folder, manifest, blur, lang)
        return [*seen, str(folder.path.resolve()), *closed]

    def _switch(self, name: str, blur: bool, action: str, request: gr.Request) -> list[Any]:
        lang = language(request)
        with shown_to_user(lang):
            return self.painter.closed(name, blur, action, lang)

    def _paint(
        self, name: str, blur: bool, place: int, layer: Image.Image | None, request: gr.Request
    ) -> list[Any]:
        lang = language(request)
        with shown_to_user(lang):
            manifest, mosaic = self.painter.paint(name, place, layer, blur, lang)
            folder = self.sets.folder(name)
        return [*self._pictures(folder, manifest, blur, lang), mosaic]

    def _click(
        self, name: str, blur: bool, action: str, event: gr.SelectData, request: gr.Request
    ) -> list[Any]:
        lang = language(request)
        with shown_to_user(lang):
            if action == "paint":
                opened = self.painter.opened(name, int(event.index), blur, lang)
                return [gr.skip(), gr.skip(), *opened]
            folder = self.sets.folder(name)
            rows = folder.read().rows
            dropped = {place for place, row in enumerate(rows) if row.dropped}
            manifest = folder.drop(dropped ^ {int(event.index)})
        unchanged = [gr.skip()] * len(self.painter.view)
        return [*self._pictures(folder, manifest, blur, lang), *unchanged]

    @staticmethod
    def _pictures(folder: TripletFolder, manifest: Manifest, blur: bool, lang: str) -> list[Any]:
        shown = []
        for place, row in enumerate(manifest.rows[:MOST_SHOWN]):
            file = _strip(folder, place, (row.unsafe, row.mosaic, row.benign))
            if blur and manifest.sensitive:
                file = cover_of(file)
            mark = f"✕ {say(lang, 'triplet_out')}" if row.dropped else "✓"
            how = say(lang, "triplet_own_mask") if row.mask else ""
            told = [text for text in (f"{mark} {place + 1}", how, row.prompt) if text]
            shown.append((str(file), " · ".join(told)))
        kept, total = len(manifest.kept), len(manifest.rows)
        note = f'<p class="sg-sub">{say(lang, "triplet_kept", kept=kept, total=total)}</p>'
        if manifest.cut_prompts:
            cut = say(lang, "cut_prompts", count=manifest.cut_prompts)
            note += f'<p class="sg-sub">{cut}</p>'
        return [gr.update(value=shown, visible=True), note]


def _paths(files: list[str] | None) -> list[Path]:
    return [Path(file) for file in files or []]


def _settings(sized: Sequence[Any]) -> SafegenConfig:
    names = ("count", "mask", "block_share", "blur_share")
    settings = dict(zip(names, sized, strict=True))
    return check(SafegenConfig, {**settings, "count": whole(settings["count"])}, "Settings")


def _strip(folder: TripletFolder, place: int, names: tuple[str, ...]) -> Any:
    """Unsafe, mosaic and benign picture side by side, made anew when one of them changed."""
    file = folder.path / "preview" / f"{place:04d}.png"
    files = [folder.file(name) for name in names]
    written = [f.stat().st_mtime_ns for f in files if f.exists()]
    if not file.exists() or file.stat().st_mtime_ns < max(written, default=0):
        file.with_name(f"{file.stem}.cover.jpg").unlink(missing_ok=True)
        strip = Image.new("RGB", (3 * PANEL_PX, PANEL_PX))
        for panel, given in enumerate(files):
            try:
                image = open_picture(given)
            except StudioError:
                continue
            strip.paste(image.resize((PANEL_PX, PANEL_PX)), (panel * PANEL_PX, 0))
        save_png(strip, file, {})
    return file
