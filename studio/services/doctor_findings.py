"""What the doctor finds, and how it says so."""

from dataclasses import dataclass, field
from typing import Any

from studio.services.doctor_words import DOCTOR_WORDS

OK, WARN, FAIL = "ok", "warn", "fail"


@dataclass(frozen=True)
class Finding:
    """One line of the doctor.

    Attributes:
        state: "ok", "warn" or "fail". key: of its words; `key`_fix says what to do.
        values: what its words name.
    """

    state: str
    key: str
    values: dict[str, Any] = field(default_factory=dict)
    fix: str = ""

    def told(self, lang: str) -> tuple[str, str]:
        """What was found and what to do; the second is "" where all is well."""
        fix = _say(lang, self.fix or f"{self.key}_fix") if self.state != OK else ""
        return _say(lang, self.key).format(**self.values), fix

    def record(self) -> dict[str, Any]:
        """It as plain values, in English."""
        what, way_out = self.told("en")
        return {"check": self.key, "state": self.state, "what": what, "way_out": way_out}


def told(findings: list[Finding], lang: str) -> str:
    """All lines as text to copy."""
    lines = []
    for finding in findings:
        what, way_out = finding.told(lang)
        lines.append(f"{_say(lang, finding.state):5} {what}")
        if way_out:
            lines.append(f"      {way_out}")
    return "\n".join(lines)


def _say(lang: str, key: str) -> str:
    return DOCTOR_WORDS[key][lang == "zh"]
