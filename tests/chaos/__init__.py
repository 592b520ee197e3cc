"""Damage done on purpose: `python -m tests.chaos`."""
