"""Look through exactly what a column says: adapters, a guidance, learned words."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from studio.config import Column
from studio.errors import StudioError
from studio.guidance.ready import make_ready
from studio.models import adapters
from studio.models.loading import Bundle
from studio.models.sampler import Steering
from studio.models.tokens import learn


@contextmanager
def active(
    bundle: Bundle, column: Column, names: Sequence[str], guidance_scale: float
) -> Iterator[Steering | None]:
    """See the denoiser as the column says; gives the steering for the sampler, if there is any.

    Args:
        names: of the column's adapters in the model, in its order.
        guidance_scale: of classifier-free guidance.

    Raises:
        StudioError: two adapters change the same layers, the guidance cannot act, or a learned
            word cannot be read.
    """
    learn(bundle, column.tokens)
    for use, name in zip(column.adapters, names, strict=True):
        adapters.set_strength(bundle.unet, name, use.weight)
    _must_not_overlap(bundle, column, names)
    steering = None
    if column.guidance is not None:
        steering = make_ready(bundle, column.guidance.guidance, column.concepts, guidance_scale)
    with adapters.use(bundle.unet, *names):
        yield steering


def _must_not_overlap(bundle: Bundle, column: Column, names: Sequence[str]) -> None:
    taken: dict[str, str] = {}
    for use, name in zip(column.adapters, names, strict=True):
        places = adapters.places(bundle.unet, name)
        if both := sorted(places & taken.keys()):
            raise StudioError(
                f"{taken[both[0]]} and {use.name} change the same layers and would disturb each "
                "other.",
                "Take one of them, or train what both remove in one run.",
            )
        taken |= dict.fromkeys(places, use.name)
