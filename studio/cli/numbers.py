"""Numbers on the command line."""

import argparse

from studio.limits import PROCESSES, QUESTIONS, SEED


def positive(text: str) -> int:
    """A whole number above 0 that some machine can do, for argparse."""
    return _between(text, QUESTIONS)


def processes(text: str) -> int:
    """How many processes share a piece of work, for argparse."""
    return _between(text, PROCESSES)


def seed(text: str) -> int:
    """A seed, from 0, for argparse."""
    return _between(text, SEED, least=0)


def _between(text: str, most: int, least: int = 1) -> int:
    number = int(text)
    if not least <= number <= most:
        raise argparse.ArgumentTypeError(f"must be {least} to {most}")
    return number
