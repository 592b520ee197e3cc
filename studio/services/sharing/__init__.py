"""Showing the studio to strangers: who comes in, what a visitor may do, and how often."""
