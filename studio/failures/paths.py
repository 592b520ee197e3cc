"""Texts without the server's folders, for whoever must not learn them."""

import re

_PART = r"[^\s\\/:*?\"'<>|,;]+"
_PATH = re.compile(rf"(?<![\w./\\])(?:~|[A-Za-z]:)?[\\/](?:{_PART}[\\/])*({_PART})?[\\/]?")


def without_folders(text: str, folders: tuple[str, ...] = ()) -> str:
    """A text in which of every absolute path only the last name is left.

    Args:
        folders: known folders, whose names may hold spaces; taken out first.
    """
    for folder in sorted(folders, key=len, reverse=True):
        if len(folder) > 1:
            text = text.replace(folder.rstrip("/\\") + "/", "").replace(folder, "...")
    return _PATH.sub(lambda found: found[1] or found[0], text)
