"""What people said of a round, its files, and learning a token from it."""

import tempfile
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from studio.evaluation.rates import wilson
from studio.jobs.feedback_folder import FeedbackFolder
from studio.jobs.rating_files import TABLES, export_ratings, import_ratings
from studio.records import State
from studio.services.feedback import Feedback
from studio.services.feedback_results import round_result
from studio.services.tokens import MEANINGS, LearnedToken, Tokens
from studio.ui import label_view, parts, rate_view
from studio.ui.common import Studio, lines, shown_to_user
from studio.ui.looking import QUIET
from studio.ui.round_form import pack_keeps
from studio.ui.words import language, say

PRESET = "hfi-sdd"
HAND_OUT = "() => setTimeout(() => document.getElementById('rate-file').click(), 200)"


class LearnCard:
    """Works on the round that is chosen above it."""

    def __init__(self, studio: Studio, rounds: Feedback) -> None:
        self.rounds, self.runs, word = rounds, studio.runs, studio.words
        self.tokens = Tokens(studio.runs.root)
        self.result = gr.HTML(apply_default_css=False, elem_id="rate-result")
        with gr.Row(elem_classes="actions left"):
            self.exports = {
                ending: gr.Button(word(f"rate_{ending}"), size="sm", elem_id=f"rate-{ending}")
                for ending in ("csv", "parquet")
            }
            # a button can only hand out a file that was there before its click
            self.file = gr.DownloadButton(elem_id="rate-file", elem_classes="sg-gone")
            self.upload = gr.UploadButton(
                word("rate_import"),
                file_types=[*TABLES, ".parquet"],
                size="sm",
                elem_id="rate-import",
            )
        self.head = gr.HTML(apply_default_css=False, elem_id="learn-tokens")
        with gr.Row():
            with gr.Column(min_width=240):
                self.name = gr.Textbox(
                    label=word("learn_name"),
                    info=word("learn_name_info"),
                    max_length=40,
                    elem_id="learn-name",
                )
                with gr.Row():
                    self.init = gr.Textbox(
                        label=word("learn_init"),
                        info=word("learn_init_info"),
                        max_length=40,
                        elem_id="learn-init",
                    )
                    self.meanings = gr.Number(
                        MEANINGS,
                        precision=0,
                        minimum=1,
                        maximum=16,
                        label=word("learn_meanings"),
                        info=word("learn_meanings_info"),
                        elem_id="learn-meanings",
                    )
                with gr.Row():
                    self.steps, self.removing = (
                        gr.Number(
                            0,
                            precision=0,
                            minimum=0,
                            label=word(name),
                            info=word("learn_steps_info"),
                            elem_id=name.replace("_", "-"),
                        )
                        for name in ("learn_steps", "learn_removal")
                    )
            self.keep = gr.Textbox(
                label=word("learn_keep"),
                info=word("learn_keep_info"),
                lines=4,
                max_lines=8,
                elem_id="learn-keep",
            )
        with gr.Row(elem_classes="actions"):
            self.learn = gr.Button(word("learn_only"), size="md", elem_id="learn-only")
            self.remove = gr.Button(
                word("learn_remove"), variant="primary", size="md", elem_id="learn-remove"
            )
        self.view = [self.result, self.head, self.keep, self.remove]

    def wire(self, chosen: gr.Dropdown, blur: gr.Checkbox, tabs: gr.Tabs, train: list[Any]) -> None:
        """Connect the buttons; a run that begins here is shown in Train.

        Args:
            chosen: the round. train: which run Train shows, and what it showed last.
        """
        for ending, button in self.exports.items():
            written = button.click(self._export(ending), [chosen], [self.file], **QUIET)
            written.success(None, js=HAND_OUT)
        self.upload.upload(self._import, [self.upload, chosen, blur], self.view, **QUIET)
        token = [self.name, self.init, self.meanings]
        asked = [chosen, *token, self.steps, self.removing, self.keep]
        for button, begin in ((self.learn, self._learn), (self.remove, self._learn_and_remove)):
            button.click(begin, asked, [*train, tabs], show_progress_on=self.head)

    def show(self, name: str, blur: bool, request: gr.Request) -> list[Any]:
        """What people said of a round so far, and what was learned from it."""
        lang = language(request)
        if not name:
            return ["", "", "", gr.skip()]
        with shown_to_user(lang):
            folder = self.rounds.folder(name)
            covered = folder.config.sensitive and blur
            shown = rate_view.result(folder, round_result(folder), lang, covered=covered)
            learned = self._learned(folder)
        told = "".join(_token(token, lang) for token in learned)
        told = told or f'<p class="sg-cap">{say(lang, "learn_none")}</p>'
        head = parts.head(say(lang, "learn_title"), say(lang, "learn_sub")) + told
        button = say(lang, "learn_remove")
        if learned:
            button = say(lang, "learn_remove_this", token=learned[0].name)
        return [shown, head, pack_keeps(folder.config.pack), gr.update(value=button)]

    def _learned(self, folder: FeedbackFolder) -> list[LearnedToken]:
        """The tokens of a round that can be removed, or soon, newest first."""
        own = folder.path.resolve()
        return [
            token
            for token in self.tokens.list()
            if token.round.resolve() == own and (token.state is State.DONE or token.state.alive)
        ]

    def _export(self, ending: str) -> Any:
        def export(name: str, request: gr.Request) -> str:
            with shown_to_user(language(request)):
                folder = self.rounds.folder(name or "")
                file = Path(tempfile.mkdtemp()) / f"{folder.id}.{ending}"
                export_ratings(folder, file)
            return str(file)

        return export

    def _import(self, file: str, name: str, blur: bool, request: gr.Request) -> list[Any]:
        lang = language(request)
        with shown_to_user(lang):
            added = import_ratings(self.rounds.folder(name or ""), Path(file))
        gr.Info(say(lang, "rate_imported", count=added), title=say(lang, "rate_import"))
        return self.show(name, blur, request)

    def _learn(
        self, name: str, token: str, init: str, meanings: float, steps: float, _: float, keep: str,
        request: gr.Request,
    ) -> list[Any]:  # fmt: skip
        with shown_to_user(language(request)):
            folder = self.rounds.folder(name or "")
            run = self.tokens.start(
                folder.path,
                name=(token or "").strip(),
                settings=_settings(init, meanings),
                overrides=_overrides(steps),
            )
        return [run, "", gr.Tabs(selected="train")]

    def _learn_and_remove(
        self, name: str, token: str, init: str, meanings: float, steps: float, removing: float,
        keep: str, request: gr.Request,
    ) -> list[Any]:  # fmt: skip
        """Learn a token and remove it, or remove the newest that was learned of this round."""
        lang = language(request)
        with shown_to_user(lang):
            folder = self.rounds.folder(name or "")
            learned = self._learned(folder)
            if learned:
                pack = self.tokens.pack_of(learned[0].run, keep=lines(keep))
                config = self.runs.plan(
                    pack, folder.config.model, preset=PRESET, overrides=_overrides(removing)
                )
                return [self.runs.start(config), "", gr.Tabs(selected="train")]
            run, after = self.tokens.start_removal(
                folder.path,
                keep=lines(keep),
                name=(token or "").strip(),
                preset=PRESET,
                settings=_settings(init, meanings),
                overrides=_overrides(steps),
                removing=_overrides(removing),
            )
        gr.Info(say(lang, "learn_then", run=after), title=say(lang, "learn_remove"))
        return [run, "", gr.Tabs(selected="train")]


def _settings(init: str, meanings: float | None) -> dict[str, Any]:
    """What was said of the token; the settings' own values where nothing was."""
    given = {"init": (init or "").strip(), "meanings": int(meanings or 0)}
    return {name: value for name, value in given.items() if value}


def _overrides(steps: float) -> dict[str, Any]:
    return {"steps": int(steps)} if steps else {}


def _token(token: LearnedToken, lang: str) -> str:
    state = "" if token.state is State.DONE else f" · {say(lang, f's_{token.state}')}"
    accuracy = chance = say(lang, "not_measured")
    if token.accuracy is not None:
        accuracy, pictures = label_view.rate(token.accuracy, lang), token.accuracy.n
        if token.chance is not None:
            chance = label_view.rate(wilson(round(token.chance * pictures), pictures), lang)
    facts = "".join(
        f"<div><dt>{escape(say(lang, key))}</dt><dd>{escape(value)}</dd></div>"
        for key, value in (("learn_accuracy", accuracy), ("learn_chance", chance))
    )
    title = f'<h3 class="sg-h3">{escape(token.name)}{escape(state)}</h3>'
    warning = ""
    if token.doubtful:
        shape = parts.icon("alert")
        text = say(lang, "learn_doubtful")
        warning = f'<p class="sg-warn">{shape}<span>{text}</span></p>'
    return f'{title}<dl class="sg-facts">{facts}</dl>{warning}'
