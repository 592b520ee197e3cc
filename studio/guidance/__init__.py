"""What holds concepts down while drawing. Importing this needs no torch."""

from studio.errors import StudioError
from studio.guidance import neg, sega, sld
from studio.guidance.base import Guidance, GuidanceConfig

GUIDANCES: dict[str, Guidance] = {g.name: g for g in (neg.GUIDANCE, sld.GUIDANCE, sega.GUIDANCE)}


def get_guidance(name: str) -> Guidance:
    """The guidance of this name.

    Raises:
        StudioError: there is none.
    """
    if name not in GUIDANCES:
        raise StudioError(
            f"There is no guidance {name!r}.", f"Choose one of: {', '.join(GUIDANCES)}."
        )
    return GUIDANCES[name]


def guidance_config(settings: dict[str, object]) -> GuidanceConfig:
    """A guidance's settings, checked by its own config.

    Raises:
        StudioError: no such guidance.
        pydantic.ValidationError: a setting is unknown or out of range.
    """
    rest = {key: value for key, value in settings.items() if key != "name"}
    return get_guidance(str(settings.get("name", ""))).config(**rest)
