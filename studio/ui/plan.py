"""The settings of a run as components, and what they would do in words."""

from html import escape
from typing import Any, Literal, get_args, get_origin

import gradio as gr
from pydantic.fields import FieldInfo

from studio.config import RunConfig
from studio.methods import METHODS
from studio.presets import changed_settings, load_models
from studio.safeguards import find_method_preset
from studio.ui import parts
from studio.ui.words import WORDS, say

METHOD_FIELDS = (
    "keep_weight", "use_synonyms", "null_from", "ema_decay", "ema_warm_up",
    "save", "layers", "variant", "weights",
    "erase_scale", "erase_from", "sample_from", "mosaic_weight", "target", "keep_from",
    "triplets", "count", "mask", "block_share", "blur_share",
)  # fmt: skip


def method_fields() -> dict[str, FieldInfo]:
    """The settings of methods that the page offers, each from the first method that has it."""
    configs = [method.config.model_fields for method in METHODS.values()]
    return {
        name: next(fields[name] for fields in configs if name in fields) for name in METHOD_FIELDS
    }


def setting(name: str, field: FieldInfo, value: Any, word: Any, visible: bool = True) -> Any:
    """A component for a setting, made from its type."""
    label = word(f"f_{name}") if f"f_{name}" in WORDS else name
    kind = field.annotation
    if get_origin(kind) is Literal:
        return gr.Dropdown(list(get_args(kind)), value=value, label=label, visible=visible)
    if kind is bool:
        return gr.Checkbox(value, label=label, visible=visible)
    if kind is str:
        return gr.Textbox(value, label=label, visible=visible)
    precision = 0 if kind is int else None
    return gr.Number(value, label=label, precision=precision, interactive=True, visible=visible)


def model_titles(lang: str) -> list[tuple[str, str]]:
    """The models of the list as (title, id)."""
    return [(card.title.of(lang), card.id) for card in load_models().values()]


def settings_text(config: RunConfig, lang: str) -> str:
    """Which settings a run takes, and which of them were changed by hand."""
    if config.preset:
        title = find_method_preset(config.preset).title.of(lang)
        said = say(lang, "settings_preset", title=title, id=config.preset)
    else:
        said = say(lang, "settings_none")
    changed = changed_settings(config)
    return said + (say(lang, "settings_changed", names=", ".join(changed)) if changed else "")


def plan_html(config: RunConfig, lang: str, busy: bool, preset: str = "") -> str:
    """What would happen, and the same as a command."""
    train = config.train
    title = config.model.title.of(lang)
    line = say(
        lang,
        "plan_line",
        method=METHODS[str(config.method["name"])].title,
        model=escape(title),
        steps=train.steps,
        batch=train.batch,
        rank=say(lang, "all_weights")
        if config.method.get("weights", "lora") != "lora"
        else say(lang, "plan_rank", rank=train.rank),
        seed=train.seed,
    )
    removed = "".join(parts.pill("removed", concept.name) for concept in config.pack.remove)
    kept = "".join(parts.pill("kept", phrase) for phrase in config.pack.keep[:8])
    more = (
        f'<span class="sg-cap">+ {len(config.pack.keep) - 8}</span>'
        if len(config.pack.keep) > 8
        else ""
    )
    differs = "".join(
        f"<li>{escape(text.of(lang))}</li>"
        for text in (find_method_preset(preset).differs if preset else ())
    )
    if differs:
        differs = f'<h3 class="sg-h3">{say(lang, "plan_differs")}</h3><ul>{differs}</ul>'
    command = (
        f"python -m studio train {config.pack.id} --model {config.model.id} "
        f"--method {config.method['name']} {f'--preset {preset} ' if preset else ''}"
        f"--steps {train.steps} --seed {train.seed}"
    )
    wait = f'<p class="sg-cap">{say(lang, "queue_add")}</p>' if busy else ""
    return (
        f"{parts.head(say(lang, 'plan_title'), line)}"
        f'<p class="sg-cap">{escape(settings_text(config, lang))}</p>'
        f'<h3 class="sg-h3">{say(lang, "plan_removes")}</h3><p class="sg-tags">{removed}</p>'
        f'<h3 class="sg-h3">{say(lang, "plan_keeps")}</h3><p class="sg-tags">{kept}{more}</p>'
        f"{differs}"
        f'<h3 class="sg-h3">{say(lang, "command")}</h3>'
        f'<pre class="sg-log">{escape(command)}</pre>{wait}'
    )
