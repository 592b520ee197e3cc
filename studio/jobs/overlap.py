"""Do the second part of some work beside the first, in one more thread."""

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

AHEAD = 2  # how many may wait for the second part
Made = TypeVar("Made")


def beside(made: Iterable[Made], use: Callable[[Made], None], then: Callable[[], None]) -> None:
    """Use each thing in a thread of its own, in order, while the next one is being made.

    When making breaks off, what was made before is still used.

    Args:
        then: called here after each thing was handed over.

    Raises:
        Exception: the first that `made` or `use` raised.
    """
    with ThreadPoolExecutor(1, "beside") as pool:
        waiting: deque[Future[None]] = deque()
        for thing in made:
            waiting.append(pool.submit(use, thing))
            while len(waiting) > AHEAD:
                waiting.popleft().result()
            then()
        for last in waiting:
            last.result()
            then()
