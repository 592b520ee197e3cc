"""Make a guidance ready for a model: its rule with its settings, its texts as states."""

from collections.abc import Sequence

from studio.errors import StudioError
from studio.guidance import get_guidance, guidance_config
from studio.models.loading import Bundle
from studio.models.sampler import Steering
from studio.models.text import encode


def make_ready(
    bundle: Bundle, settings: dict[str, object], concepts: Sequence[str], guidance_scale: float
) -> Steering:
    """What the sampler needs to hold these concepts down.

    Args:
        settings: "name" of the guidance and its numbers.
        concepts: texts, one each. guidance_scale: of classifier-free guidance.

    Raises:
        StudioError: there is nothing to hold down, or nothing can be steered at scale 1.
    """
    guidance, config = get_guidance(str(settings.get("name", ""))), guidance_config(settings)
    if not concepts:
        raise StudioError(
            f"{guidance.title} has no concept to hold down.", "Name at least one concept."
        )
    if guidance_scale == 1:
        raise StudioError(
            f"{guidance.title} cannot act at guidance scale 1, where nothing can be steered.",
            "Choose a guidance scale above 1, or take the steering out.",
        )
    texts = [", ".join(concepts)] if config.one_text else list(concepts)
    states = tuple(encode(bundle, [text]) for text in texts)
    return Steering(
        rule=lambda e_0, e_p, e_s, share, scale, momentum: guidance.steer(
            e_0, e_p, e_s, share, scale, momentum, config
        ),
        null=states[0] if guidance.replaces_null else None,
        concepts=() if guidance.replaces_null else states,
    )
