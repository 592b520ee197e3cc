"""Numbers on the command line."""

import argparse

from studio.limits import PROCESSES, QUESTIONS


def positive(text: str) -> int:
    """A whole number above 0 that some machine can do, for argparse."""
    return _between(text, QUESTIONS)


def processes(text: str) -> int:
    """How many processes share a piece of work, for argparse."""
    return _between(text, PROCESSES)


def _between(text: str, most: int) -> int:
    number = int(text)
    if not 1 <= number <= most:
        raise argparse.ArgumentTypeError(f"must be 1 to {most}")
    return number
