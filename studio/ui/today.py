"""What the model draws today: a pack's probes through the original model."""

from collections.abc import Iterator
from html import escape
from typing import Any

import gradio as gr

from studio.config import Kind, Pack
from studio.errors import StudioError
from studio.presets import find_model
from studio.records import Drawn
from studio.services.compare import Request
from studio.ui import parts
from studio.ui.common import Studio, shown_to_user
from studio.ui.queue_view import drawing_text
from studio.ui.words import language, say
from studio.world import load_world

MOST_A_SIDE = 4


class TodayCard:
    """A few probe pictures of the original model; drawn on demand, then kept on disk."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        with gr.Column(elem_classes="sg-card"):
            self.pictures = gr.HTML(apply_default_css=False, elem_id="today")
            with gr.Row(elem_classes="actions"):
                self.draw = gr.Button(studio.words("today_draw"), size="md", elem_id="today-draw")
        self.outputs = [self.pictures, self.draw]

    def shown(self, pack: Pack, blur: bool, request: gr.Request) -> list[Any]:
        """The pictures if they were drawn before, else an invitation to draw them."""
        lang = language(request)
        try:
            wanted = _request(pack)
            if wanted is None:
                return [_card(lang, "", say(lang, "today_none")), gr.update(visible=False)]
            before = self.studio.compare.drawn_before(wanted)
        except StudioError as error:  # the page opens with this card, whatever pack is in it
            told = parts.trouble("attention", error.what, error.way_out, lang)
            return [_card(lang, "", told), gr.update(visible=False)]
        if before is None:
            return [_card(lang, pack.model), gr.update(visible=True)]
        return [_grid(pack, before, blur, lang), gr.update(visible=False)]

    def drawn(self, pack: Pack, blur: bool, request: gr.Request) -> Iterator[list[Any]]:
        """Draw the pictures, saying how far it is."""
        lang = language(request)
        with shown_to_user(lang):
            wanted = _request(pack)
        if wanted is None:
            return
        yield [_card(lang, pack.model, parts.busy(say(lang, "loading"))), gr.update(visible=False)]
        with shown_to_user(lang):
            for drawing in self.studio.compare.draw(wanted):
                if drawing.finished:
                    yield [_grid(pack, drawing.pictures, blur, lang), gr.skip()]
                else:
                    text = drawing_text(drawing.done, drawing.total, drawing.behind, lang)
                    yield [_card(lang, pack.model, parts.busy(text)), gr.skip()]


def _grid(pack: Pack, pictures: tuple[Drawn, ...], blur: bool, lang: str) -> str:
    places = _places(pack)
    found = dict(zip(places, pictures, strict=True))
    groups = []
    for kind, frame, title, kinds in _GROUPS:
        cells = [
            _figure(pack, place, found[place], frame, blur, lang)
            for place in places
            if pack.probes[place].kind in kinds
        ]
        if cells:
            groups.append(
                f"<div>{parts.pill(kind, say(lang, title))}"
                f'<div class="sg-strip4">{"".join(cells)}</div></div>'
            )
    return _card(lang, pack.model, f'<div class="sg-split2">{"".join(groups)}</div>')


_GROUPS: tuple[tuple[str, str, str, tuple[Kind, ...]], ...] = (
    ("removed", "was", "remove", ("target",)),
    ("kept", "is", "keep", ("neighbour", "unrelated")),
)


def _places(pack: Pack) -> list[int]:
    places = []
    for _, _, _, kinds in _GROUPS:
        of_kind = [place for place, probe in enumerate(pack.probes) if probe.kind in kinds]
        places += of_kind[:: max(1, len(of_kind) // MOST_A_SIDE)][:MOST_A_SIDE]
    return places


def _request(pack: Pack) -> Request | None:
    probes = [pack.probes[place] for place in _places(pack)]
    if not probes:
        return None
    card = find_model(pack.model)
    return Request(
        card,
        card.sample,
        tuple(probe.prompt for probe in probes),
        tuple(probe.seed for probe in probes),
        sensitive=pack.sensitivity == "sensitive",
    )


def _card(lang: str, model: str, inside: str = "") -> str:
    right = f'<span class="sg-cap">{escape(model)}</span>' if model else ""
    return parts.head(say(lang, "today"), say(lang, "today_sub"), right) + inside


def _figure(pack: Pack, place: int, drawn: Drawn, frame: str, blur: bool, lang: str) -> str:
    probe = pack.probes[place]
    covered = blur and drawn.cover is not None
    picture = parts.picture(drawn.path, probe.prompt, covered=covered, kind=frame)
    note = ""
    if drawn.shows is not None and probe.shows in {thing.id for thing in load_world().objects}:
        there = probe.shows in drawn.shows
        note = f'<span class="sg-cap">{say(lang, "today_yes" if there else "today_no")}</span>'
    return f"<figure>{picture}<figcaption>{escape(probe.prompt)}{note}</figcaption></figure>"
