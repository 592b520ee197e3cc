"""Texts without the server's folders, for whoever must not learn them."""

import re

_PART = r"[^\s\\/:*?\"'<>|,;]+"
_INSIDE = rf"[\\/](?:{_PART}[\\/])*({_PART})?[\\/]?"
_PATH = re.compile(rf"(?<![\w./\\])(?:~|[A-Za-z]:)?{_INSIDE}")


def without_folders(text: str, folders: tuple[str, ...] = ()) -> str:
    """A text in which of every absolute path only the last name is left.

    Args:
        folders: known folders, whose names may hold spaces; taken out first.
    """
    for folder in sorted(filter(lambda name: len(name) > 1, folders), key=len, reverse=True):
        known = re.compile(rf"{re.escape(folder.rstrip('/'))}(?:{_INSIDE})?(?![\w-])")
        text = known.sub(lambda found: found[1] or "...", text)
    return _PATH.sub(lambda found: found[1] or found[0], text)
