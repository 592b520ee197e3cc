"""Feedback: rate pictures, see what people said and learn from it, make a round."""

from typing import Any

import gradio as gr

from studio.ui.common import Studio, shown_to_user
from studio.ui.learn_card import LearnCard
from studio.ui.looking import QUIET, State, known
from studio.ui.rate_card import RateCard
from studio.ui.round_form import RoundForm
from studio.ui.words import language


class FeedbackTab:
    """Three cards; while somebody rates, only the first is in sight."""

    def __init__(self, studio: Studio, kept: gr.BrowserState) -> None:
        word = studio.words
        self.rate = RateCard(studio, kept)
        with (
            gr.Column(elem_classes="sg-card", elem_id="rate-more"),
            gr.Accordion(word("rate_results"), open=False) as self.more,
        ):
            self.learn = LearnCard(studio, self.rate.rounds)
        with (
            gr.Column(elem_classes="sg-card", elem_id="rate-make"),
            gr.Accordion(word("round_make"), open=False, elem_id="round-fold") as self.make,
        ):
            self.form = RoundForm(studio)

    def wire(self, opened: list[Any], blur: gr.Checkbox, tabs: gr.Tabs, train: list[Any]) -> None:
        """Connect the cards.

        Args:
            opened: events on which the tab is shown anew. train: see `LearnCard.wire`.
        """
        rate, learn, form = self.rate, self.learn, self.form
        rate.wire(blur)
        learn.wire(rate.set, blur, tabs, train)
        form.wire()
        now = [rate.kept, blur, rate.revealed]
        looked = [rate.set, blur]
        for event in opened:
            shown = event(rate.show, now, rate.view, **rate.ordered)
            shown.then(learn.show, looked, learn.view, **QUIET)
            event(form.show, [form.pack, form.kind], form.view, **QUIET)
        for part in (rate.set.change, self.more.expand, blur.change):
            part(learn.show, looked, learn.view, **QUIET)
        form.start.click(
            self._make, [*now, *form.given], [self.make, *rate.view], show_progress_on=form.head
        )

    def _make(
        self, request: gr.Request, kept: State, blur: bool, revealed: str, *values: Any
    ) -> list[Any]:
        with shown_to_user(language(request)):
            made = self.form.make(request, *values)
        state = {**known(kept), "set": made, "going": False}
        return [gr.Accordion(open=False), *self.rate.show(state, blur, revealed, request)]
