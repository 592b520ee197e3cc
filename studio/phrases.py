"""Names as people write them: when two are the same, when one stands in another, and lists of them.

Nothing here knows a model; what two tokenisers make of two spellings is their business.
"""

import re
import unicodedata
from collections.abc import Iterable

PARTS = ",，、;；\n"  # between the names of a list
_QUOTES = {'"': '"', "“": "”", "＂": "＂"}
# scripts that write without blanks between words: Han, kana, Thai to Khmer
_NO_BLANKS = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_HIDDEN = re.compile("[\u00ad\u200b-\u200d\u2060\ufe00-\ufe0f\ufeff]")


def folded(text: str) -> str:
    """A name without what does not tell names apart: width, form, case, blanks, soft hyphens."""
    plain = unicodedata.normalize("NFKC", _HIDDEN.sub("", text)).casefold()
    return " ".join(unicodedata.normalize("NFKC", plain).split())


def stands_in(name: str, phrase: str) -> bool:
    """Whether a phrase contains a name as whole words; in scripts without blanks, anywhere."""
    wanted, text = folded(name), folded(phrase)
    if not wanted:
        return False
    before = _edge(wanted[0], text_before=True)
    after = _edge(wanted[-1], text_before=False)
    return re.search(f"{before}{re.escape(wanted)}{after}", text) is not None


def _edge(letter: str, *, text_before: bool) -> str:
    """What must not stand beside a name that begins or ends with this letter."""
    if not letter.isalnum() or _NO_BLANKS.match(letter):
        return ""
    letters = rf"(?:(?!{_NO_BLANKS.pattern})[^\W_])"
    return rf"(?<!(?={letters}).)" if text_before else rf"(?!{letters})"


def part_names(text: str) -> list[str]:
    """The names of a list, parted by , ; 、 or a new line; one in quotes may hold these.

    Inside quotes a doubled quote stands for one. A quote within a name means nothing.
    """
    names, place = [], 0
    while place < len(text):
        name, place = _next(text, place)
        if name:
            names.append(name)
    return names


def _next(text: str, place: int) -> tuple[str, int]:
    """The name that starts here, and where the next one starts."""
    while place < len(text) and text[place].isspace():
        place += 1
    closing = _QUOTES.get(text[place : place + 1], "")
    if closing:
        pattern = rf"((?:[^{closing}]|{closing}{closing})*){closing}\s*(?:[{PARTS}]|$)"
        if found := re.compile(pattern).match(text, place + 1):
            name = found[1].replace(closing * 2, closing)
            return " ".join(name.split()), found.end()
    end = next((at for at in range(place, len(text)) if text[at] in PARTS), len(text))
    return " ".join(text[place:end].split()), end + 1


def join_names(names: Iterable[str]) -> str:
    """A list that `part_names` reads as these names."""
    return ", ".join(map(_quoted, names))


def _quoted(name: str) -> str:
    if set(name) & set(PARTS) or name[:1] in _QUOTES:
        return '"' + name.replace('"', '""') + '"'
    return name
