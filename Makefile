PYTHON ?= python

.PHONY: run test check slow screens

run:
	$(PYTHON) app.py

test:
	$(PYTHON) -m pytest -n 2

slow:
	$(PYTHON) -m pytest -m "slow and not gpu"

check:
	ruff format --check .
	ruff check .
	mypy
	lint-imports
	bandit -q -c pyproject.toml -r studio app.py .ci
	$(PYTHON) -m pytest -n 2

screens:
	$(PYTHON) docs/make_screens.py
