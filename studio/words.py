"""Numbers as people read them."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from studio.records import Rate


def duration(seconds: float) -> str:
    """Seconds as "45 s", "3 min 20 s" or "2 h 5 min"."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def slug(name: str, before: str) -> str:
    """A name as an id; "before" stands first, and a hash where the name is not in Latin letters."""
    words = "-".join(re.findall(r"[a-z0-9]+", name.lower()))
    stamp = (
        ""
        if words and name.isascii()
        else hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:6]
    )
    return "-".join(filter(None, [before, words[:40].strip("-"), stamp]))


def change_text(change: Mapping[str, Any]) -> str:
    """A difference in points with its interval; says so where chance alone explains it."""
    by, low, high = change["difference"], change["low"], change["high"]
    if by is None or low is None or high is None:
        return "not measured"
    sure = "" if change["p"] < 0.05 else ", may be chance"
    return f"{100 * by:+.1f} points ({100 * low:+.1f} to {100 * high:+.1f}{sure})"


def rate_text(rate: Rate | Mapping[str, Any]) -> str:
    """A rate with its interval; "not measured" where nothing was, a bound where k is 0."""
    if isinstance(rate, Rate):
        k, n, share, low, high = rate.k, rate.n, rate.rate, rate.low, rate.high
    else:
        k, n, share = rate["k"], rate["n"], rate["rate"]
        low, high = rate["low"], rate["high"]
    if share is None or low is None or high is None:
        return "not measured"
    if k == 0:
        return f"0 of {n}, below {100 * high:.1f} %"
    return f"{100 * share:.1f} % ({100 * low:.1f}-{100 * high:.1f}, {k} of {n})"
