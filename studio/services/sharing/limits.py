"""How much one visitor, and all of them together, may ask for; memory stays bounded."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

from studio.errors import StudioError

WINDOW_SECONDS = 60.0
MOST_KNOWN = 4096
EVERYBODY = "everybody"


@dataclass(frozen=True)
class Limits:
    """What a visitor of the shared studio may ask for; checked on the server."""

    steps: int = 50  # of the sampler
    size_px: int = 768  # side of a picture; larger models are not offered
    letters: int = 300  # of a prompt
    pictures: int = 12  # a minute and visitor
    pictures_of_all: int = 60  # a minute


class Window:
    """Counts per key what happened in the last seconds.

    Args:
        clock: seconds that never go back.
    """

    def __init__(
        self,
        seconds: float = WINDOW_SECONDS,
        most_known: int = MOST_KNOWN,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.seconds, self.most_known, self._clock = seconds, most_known, clock
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._times)

    def count(self, key: str) -> int:
        """How often it happened."""
        return len(self._recent(key))

    def add(self, key: str, count: int = 1) -> None:
        """Note that it happened now; whoever was not seen for longest is forgotten first."""
        times = self._recent(key)
        times.extend([self._clock()] * count)
        self._times[key] = times
        self._times.move_to_end(key)
        while len(self._times) > self.most_known:
            self._times.popitem(last=False)

    def wait(self, key: str, count: int, most: int) -> int:
        """Whole seconds until `count` more keep within `most`; 0 for now."""
        times = self._recent(key)
        over = len(times) + count - most
        if over <= 0:
            return 0
        oldest = times[min(over, len(times)) - 1] if times else self._clock()
        return max(1, ceil(oldest + self.seconds - self._clock()))

    def _recent(self, key: str) -> deque[float]:
        times, end = self._times.get(key, deque()), self._clock() - self.seconds
        while times and times[0] <= end:
            times.popleft()
        return times


class Ration:
    """Pictures a minute, of each visitor and of all."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits
        self._window = Window(clock=clock)

    def take(self, visitor: str, pictures: int) -> None:
        """Count pictures for a visitor.

        Raises:
            StudioError: that is too many for now; nothing was counted.
        """
        most = self.limits.pictures
        if seconds := self._window.wait(visitor, pictures, most):
            raise StudioError(
                f"{most} pictures a minute are what each visitor gets here.",
                f"Draw again in {seconds} seconds.",
            )
        if seconds := self._window.wait(EVERYBODY, pictures, self.limits.pictures_of_all):
            raise StudioError(
                "Many visitors are drawing here just now.", f"Draw again in {seconds} seconds."
            )
        self._window.add(visitor, pictures)
        self._window.add(EVERYBODY, pictures)
