"""Safeguard Studio: name a concept, remove it from a text-to-image model, see it gone."""

__version__ = "0.1.0"
