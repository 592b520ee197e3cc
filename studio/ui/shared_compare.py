"""Compare for visitors: one prompt, one seed, original and safeguarded under one slider."""

from collections.abc import Iterator
from html import escape
from typing import Any

import gradio as gr

from studio.config import RunConfig
from studio.services.compare import Drawing
from studio.services.sharing.visit import Seen, Visits, Wish
from studio.ui import drawn_view, parts
from studio.ui.common import shown_to_user
from studio.ui.gate import VISITOR
from studio.ui.words import Words, language, say
from studio.words import duration

MOST_SUGGESTED = 3  # of what is removed, and of what stays
FIRST_STEPS = 25


class SharedCompare:
    """The form above, the pictures below; keeps nothing of a visitor between two requests."""

    def __init__(self, visits: Visits, word: Words) -> None:
        self._visits, limits = visits, visits.limits
        with gr.Column(elem_classes="sg-card"):
            with gr.Row(elem_classes="promptrow"):
                self.prompt = gr.Textbox(
                    label=word("prompt"),
                    lines=2,
                    max_lines=4,
                    max_length=limits.letters,
                    elem_id="prompts",
                    scale=5,
                )
                self.run = gr.Dropdown([], label=word("run"), scale=3, elem_id="compare-run")
                self.draw = gr.Button(
                    word("draw"), variant="primary", scale=1, elem_id="draw",
                    elem_classes="key-enter",
                )  # fmt: skip
            with gr.Row(elem_classes="suggest"):
                self.suggested = gr.Dataset(
                    components=[gr.Textbox(visible=False)],
                    samples=[],
                    label=word("probes"),
                    type="values",
                    elem_classes="chips",
                    elem_id="suggest",
                )
            with gr.Row():
                self.seed = gr.Number(0, label=word("seed"), precision=0, minimum=0)
                self.strength = gr.Slider(0.25, 1.5, 1.0, step=0.05, label=word("strength"))
                self.steps = gr.Slider(
                    1, limits.steps, min(FIRST_STEPS, limits.steps), step=1,
                    label=word("sampler_steps"), elem_id="steps",
                )  # fmt: skip
            self.limits = gr.HTML(apply_default_css=False, elem_id="limits")
        with gr.Column(elem_classes="sg-card"):
            self.note = gr.HTML(apply_default_css=False, elem_id="compare-note")
            self.pictures = gr.HTML(apply_default_css=False, elem_id="pictures")

    def wire(self, page: gr.Blocks) -> None:
        """Connect the form and the pictures."""
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        given = [self.prompt, self.run, self.seed, self.strength, self.steps]
        self.draw.click(
            self._draw, given, [self.note, self.pictures],
            concurrency_limit=1, concurrency_id="draw", **quiet,
        )  # fmt: skip
        self.suggested.click(lambda row: row[0], [self.suggested], [self.prompt], **quiet)
        suited = [self.prompt, self.suggested, self.pictures]
        self.run.change(self._suit, [self.run], suited, **quiet)
        page.load(self._open, None, [self.run, self.limits, self.note], **quiet)

    def _open(self, request: gr.Request) -> list[Any]:
        lang, limits = language(request), self._visits.limits
        found = [
            (f"{run.title_in(lang)} · {run.run_id}", run.run_id) for run in self._visits.runs()
        ]
        told = say(lang, "shared_limits", pictures=limits.pictures, steps=limits.steps)
        nothing = parts.empty(say(lang, "shared_none"), say(lang, "shared_none_text"))
        start = f'<p class="sg-sub">{say(lang, "shared_empty")}</p>'
        return [
            gr.update(choices=found, value=found[0][1] if found else None),
            f'<p class="sg-sub">{told}</p>',
            start if found else nothing,
        ]

    def _suit(self, run_id: str | None, request: gr.Request) -> list[Any]:
        with shown_to_user(language(request), stranger=True):
            config = self._visits.config(run_id or "")
        prompts = _suggested(config)
        return [
            prompts[0] if prompts else gr.skip(),
            gr.Dataset(samples=[[prompt] for prompt in prompts]),
            gr.update(value=""),
        ]

    def _draw(
        self,
        prompt: str,
        run_id: str | None,
        seed: float,
        strength: float,
        steps: float,
        request: gr.Request,
    ) -> Iterator[list[Any]]:
        lang = language(request)
        wish = Wish(run_id or "", prompt or "", seed or 0, strength, steps)
        with shown_to_user(lang, stranger=True):
            config = self._visits.config(wish.run_id)
            yield [parts.busy(say(lang, "loading")), gr.skip()]
            for found in self._visits.draw(str(request.headers[VISITOR]), wish):
                if isinstance(found, Drawing):
                    text = say(lang, "drawing", done=found.done, total=found.total)
                    if found.behind is not None:  # what the owner does is not told
                        text = say(lang, "shared_waiting")
                    yield [parts.busy(text), gr.skip()]
                else:
                    yield [_note(found, config, lang), gr.update(value=_slider(found, lang))]


def _suggested(config: RunConfig) -> list[str]:
    gone = [probe.prompt for probe in config.pack.probes if probe.kind == "target"]
    stay = [probe.prompt for probe in config.pack.probes if probe.kind != "target"]
    return gone[:MOST_SUGGESTED] + stay[:MOST_SUGGESTED]


def _note(found: tuple[Seen, ...], config: RunConfig, lang: str) -> str:
    if any(seen.covered for seen in found):
        why = say(lang, "shared_open_model")
        if config.pack.sensitivity == "sensitive":
            what = config.pack.shows.of(lang) if config.pack.shows else "?"
            why = say(lang, "shared_sensitive", what=what)
        return f'<p class="sg-sub">{escape(say(lang, "shared_covered", why=why))}</p>'
    spent = duration(sum(seen.drawn.seconds or 0.0 for seen in found))
    told = say(lang, "drawn", count=len(found), seconds=spent)
    return f'<p class="sg-sub">{told}</p>'


def _slider(found: tuple[Seen, ...], lang: str) -> str:
    """Both pictures, one over the other; the range input moves the edge between them."""
    rows = [{**drawn_view.row(seen.drawn), "covered": seen.covered} for seen in found]
    names = say(lang, "original"), say(lang, "safeguarded")
    pictures = "".join(
        f'<img class="{side}" src="{seen.data}" alt="{escape(f"{name}: {seen.drawn.prompt}")}">'
        for side, name, seen in zip(("before", "after"), names, found, strict=True)
    )
    head = drawn_view.headline(rows, lang) if not rows[0]["covered"] else _plain_head(names)
    return (
        f'<div class="sg-slidebox">{head}<div class="sg-slide" style="--at:50%">{pictures}'
        f'<i class="edge" aria-hidden="true"></i><input type="range" min="0" max="100" value="50" '
        f'aria-label="{escape(say(lang, "shared_slide"))}" '
        "oninput=\"this.parentNode.style.setProperty('--at',this.value+'%')\"></div></div>"
    )


def _plain_head(names: tuple[str, str]) -> str:
    left, right = parts.pill("removed", names[0]), parts.pill("kept", names[1])
    return f'<div class="sg-cmphead">{left}<span class="grow"></span>{right}</div>'
