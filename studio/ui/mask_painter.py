"""Paint where a triplet is pixelated: a canvas above the gallery, the mosaic beside it."""

from html import escape
from typing import Any

import gradio as gr
from PIL import Image

from studio.jobs.triplet_folder import Manifest, TripletFolder
from studio.services.triplet_sets import TripletSets
from studio.ui import parts
from studio.ui.common import Studio
from studio.ui.words import say

CANVAS_PX = 448
BRUSH = "#E5484D"
TO_CANVAS = "() => document.getElementById('triplet-paint')?.scrollIntoView({block: 'nearest'})"
LAYER = "(value) => value?.layers?.[0] ?? null"


class MaskPainter:
    """What a click on a triplet does, and the canvas that it may open."""

    def __init__(self, studio: Studio, sets: TripletSets) -> None:
        self.sets, word = sets, studio.words
        self.action = gr.Radio(
            [(word("triplet_drops"), "drop"), (word("triplet_paints"), "paint")],
            value="drop",
            label=word("triplet_click"),
            elem_classes="seg",
            visible=False,
            elem_id="triplet-click",
        )
        self.help = gr.HTML(apply_default_css=False, elem_id="paint-help")
        self.place = gr.State(-1)
        with gr.Row(visible=False, elem_id="triplet-paint") as self.box:
            self.canvas = gr.ImageMask(
                type="pil",
                format="png",
                show_label=False,
                sources=(),
                transforms=(),
                buttons=[],
                layers=False,
                brush=gr.Brush(default_size=CANVAS_PX // 12, colors=[BRUSH], color_mode="fixed"),
                canvas_size=(CANVAS_PX, CANVAS_PX),
                height=CANVAS_PX + 96,
                min_width=320,
                scale=2,
                elem_id="paint-canvas",
            )
            self.layer = gr.Image(type="pil", image_mode="RGBA", visible=False)
            with gr.Column(scale=1, min_width=200):
                self.result = gr.HTML(apply_default_css=False, elem_id="paint-result")
                self.make = gr.Button(
                    word("paint_make"), variant="primary", size="md", elem_id="paint-make"
                )
        self.view = [self.action, self.help, self.place, self.box, self.canvas, self.result]

    def closed(self, name: str, blur: bool, action: str, lang: str) -> list[Any]:
        """`view` without a canvas, and what to do next; nothing of a picture is kept."""
        text = ""
        if name and action == "paint":
            hidden = blur and self.sets.folder(name).read().sensitive
            text = say(lang, "paint_blurred" if hidden else "paint_choose")
        return [
            gr.update(visible=bool(name)), _line(text), -1, gr.update(visible=False), None, ""
        ]  # fmt: skip

    def opened(self, name: str, place: int, blur: bool, lang: str) -> list[Any]:
        """`view` with a triplet on the canvas.

        Raises:
            StudioError: see `TripletSets.to_paint`.
        """
        image = self.sets.to_paint(name, place, revealed=not blur)
        scale = CANVAS_PX / max(image.size)
        sides = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        folder = self.sets.folder(name)
        return [
            gr.update(visible=True),
            _line(say(lang, "paint_help", number=place + 1)),
            place,
            gr.update(visible=True),
            {"background": image.resize(sides), "layers": [], "composite": None},
            _mosaic(folder, folder.read(), place, lang),
        ]

    def paint(
        self, name: str, place: int, layer: Image.Image | None, blur: bool, lang: str
    ) -> tuple[Manifest, str]:
        """Make the mosaic anew; gives the manifest, and the new mosaic to show.

        Raises:
            StudioError: see `TripletSets.paint`.
        """
        manifest = self.sets.paint(name, place, painted(layer), revealed=not blur)
        return manifest, _mosaic(self.sets.folder(name), manifest, place, lang)


def painted(layer: Image.Image | None) -> Image.Image:
    """A mask, "L", white where a layer of a canvas (RGBA) has paint; black without a layer."""
    if layer is None:
        return Image.new("L", (1, 1), 0)
    return layer.convert("RGBA").getchannel("A").point(lambda alpha: 255 if alpha >= 128 else 0)


def _mosaic(folder: TripletFolder, manifest: Manifest, place: int, lang: str) -> str:
    row = manifest.rows[place]
    words = say(lang, "paint_now" if row.mask else "paint_before")
    return parts.picture(folder.file(row.mosaic), words) + _line(words)


def _line(text: str) -> str:
    return f'<p class="sg-sub">{escape(text)}</p>' if text else ""
