"""The methods that change weights, and those that learn a word. Importing this needs no torch."""

from studio.config import MethodConfig, RunConfig, Weights
from studio.errors import StudioError
from studio.methods import esd, hfi, safegen, sdd
from studio.methods.base import Method

METHODS: dict[str, Method] = {
    method.name: method for method in (sdd.METHOD, safegen.METHOD, esd.METHOD)
}
# these remove nothing: they learn a word, which those above then remove
LEARNING: dict[str, Method] = {hfi.METHOD.name: hfi.METHOD}


def get_method(name: str) -> Method:
    """The method of this name, of either kind.

    Raises:
        StudioError: there is none.
    """
    known = {**METHODS, **LEARNING}
    if name not in known:
        raise StudioError(f"There is no method {name!r}.", f"Choose one of: {', '.join(METHODS)}.")
    return known[name]


def config_of(settings: dict[str, object]) -> MethodConfig:
    """A method's settings, checked by its own config.

    Raises:
        StudioError: no such method.
        pydantic.ValidationError: a setting is unknown or out of range.
    """
    rest = {key: value for key, value in settings.items() if key != "name"}
    return get_method(str(settings.get("name", "sdd"))).config(**rest)


def weights_of(config: RunConfig) -> Weights:
    """What a run trains: an adapter of some rank, or full weights."""
    found: Weights = getattr(config_of(config.method), "weights", "lora")
    return found
