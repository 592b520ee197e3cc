"""How often the state of a run is saved."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

SHARE = 0.02  # of the time may go into saving
FIRST_SECONDS = 0.02  # what saving is taken to cost before it was measured


class Pace:
    """Says when saving again costs no more than `SHARE` of the time."""

    def __init__(self) -> None:
        self._cost, self._last = FIRST_SECONDS, time.monotonic()

    @property
    def due(self) -> bool:
        """Whether enough time has passed since the last state."""
        return time.monotonic() - self._last >= self._cost / SHARE

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Save inside; what it costs decides when the next one is due."""
        began = time.monotonic()
        yield
        self._last = time.monotonic()
        self._cost = self._last - began
