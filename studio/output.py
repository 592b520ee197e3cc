"""What commands write, wherever it goes: any encoding, a pipe whose reader left, a full disk."""

import errno
import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from io import TextIOWrapper
from typing import Any

from studio.errors import unreadable

READER_LEFT = 141  # what a shell says of a program that SIGPIPE ended
FAILED = 1
_OF_OUTPUT = (errno.EPIPE, errno.ENOSPC, errno.EIO, errno.EINVAL)


def guarded(work: Callable[[], int]) -> int:
    """Do the work of a command and see that its output arrives; gives the exit code.

    Letters that the output's encoding has not are written as \\u escapes. A reader that leaves, as
    `head` does, ends the command without a word; a full disk ends it with a sentence.

    Args:
        work: may raise SystemExit, as argparse does.
    """
    _steady()
    try:
        code = work()
    except SystemExit:  # help, or wrong usage
        if (lost := _lost()) is not None:
            return _told(lost)
        raise
    except OSError as error:
        if (lost := _lost(error)) is not None:
            return _told(lost)
        failure = unreadable(error)
        print(f"Not done. {failure.what}\n{failure.way_out}", file=sys.stderr)
        code = FAILED
    lost = _lost()
    return code if lost is None else _told(lost)


def print_json(answer: Any) -> None:
    """One JSON object on a line of its own, in letters that the output has."""
    plain = (getattr(sys.stdout, "encoding", "") or "").lower().replace("-", "") != "utf8"
    print(json.dumps(answer, ensure_ascii=plain))


def _steady() -> None:
    """No letter ends a command, nor does an output that was closed before it began."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        elif isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _lost(because: OSError | None = None) -> OSError | None:
    """Why what was written did not arrive; None where it did. What is lost is not tried again.

    Args:
        because: what broke off; where it may have been the output, an empty line tries it again.
    """
    found, again = None, because and because.filename is None and because.errno in _OF_OUTPUT
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
            if again and found is None:
                os.write(stream.fileno(), b"\n")
        except OSError as error:
            found = found or error
            _let_go(stream)
        except ValueError:  # closed
            pass
    return found


def _let_go(stream: Any) -> None:
    """Send a stream nowhere, so that Python does not try again while it ends."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
        stream.flush()


def _told(lost: OSError) -> int:
    if lost.errno in (errno.EPIPE, errno.EINVAL):
        return READER_LEFT
    with suppress(OSError, ValueError):
        print(
            f"Not done. The output cannot be written: {lost.strerror}.\n"
            "Make room where it goes, or send it elsewhere.",
            file=sys.stderr,
            flush=True,
        )
    return FAILED
