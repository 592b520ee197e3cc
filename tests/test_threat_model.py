"""The threat model names tests that exist, and says what is not promised."""

import ast
import re

from studio.world import ROOT

MODEL = ROOT / "docs" / "threat-model.md"


def rows() -> list[list[str]]:
    """Who, what, what stops them, which test."""
    lines = [line for line in MODEL.read_text(encoding="utf-8").splitlines() if line[:2] == "| "]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def known_tests() -> set[str]:
    return {
        node.name
        for file in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def test_every_row_is_whole_and_names_a_test_that_exists() -> None:
    known, found = known_tests(), rows()
    assert len(found) >= 20
    for row in found:
        assert len(row) == 4 and all(row), row
        named = re.findall(r"`(test_\w+)`", row[3])
        assert named or row[3] == "not promised", row
        assert set(named) <= known, set(named) - known


def test_the_page_on_security_says_what_is_not_promised_and_how_to_report() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    assert "An adapter can be switched off" in text and "Report a vulnerability" in text
    assert not re.search(r"[\w.]+@[\w-]+\.\w+", text), "an address that nobody reads"
    assert (ROOT / "docs" / "decisions" / "0012-what-strangers-may-do.md").exists()
