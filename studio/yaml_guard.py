"""What a YAML text must not do, seen before anything is built of it.

A few lines of YAML can stand for millions of values (aliases of aliases), nest so deeply that the
reader runs out of stack, or say the same key twice so that one value is lost in silence.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from studio.limits import YAML_DEPTH, YAML_NODES

SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the other one is 50 times slower


class Refused(Exception):
    """Why, in the words of a failure, and in which line, from 1."""

    def __init__(self, why: str, line: int) -> None:
        super().__init__(why)
        self.why, self.line = why, line


@dataclass
class _Open:
    """A list or mapping whose end was not seen yet."""

    anchor: str | None
    mapping: bool
    size: int = 1
    parts: int = 0
    keys: set[str] = field(default_factory=set)


def guard(text: str) -> None:
    """Look through a YAML text; memory and time grow with its length alone.

    Raises:
        Refused: it nests too deeply, stands for too much, or has a key twice.
        yaml.YAMLError: it is no YAML.
    """
    sizes: dict[str, int] = {}
    stack = [_Open(None, mapping=False)]
    for event in _events(text):
        line, top = (event.start_mark.line + 1 if event.start_mark else 1), stack[-1]
        if isinstance(event, yaml.CollectionStartEvent):
            stack.append(_Open(event.anchor, isinstance(event, yaml.MappingStartEvent)))
            if len(stack) > YAML_DEPTH + 1:
                raise Refused(f"lists within lists go deeper than {YAML_DEPTH}", line)
            continue
        if isinstance(event, yaml.CollectionEndEvent):
            _close(stack, sizes, line)
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor not in sizes:
                raise Refused(f"*{event.anchor} stands for nothing, or for itself", line)
            _add(top, sizes[event.anchor], line)
        elif isinstance(event, yaml.ScalarEvent):
            if top.mapping and top.parts % 2 == 0:
                if event.value in top.keys:
                    raise Refused(f"the key {event.value} stands twice", line)
                top.keys.add(event.value)
            if event.anchor:
                sizes[event.anchor] = 1
            _add(top, 1, line)


def _events(text: str) -> Iterator[yaml.Event]:
    yield from yaml.parse(text, Loader=SafeLoader)


def _close(stack: list[_Open], sizes: dict[str, int], line: int) -> None:
    closed = stack.pop()
    if closed.anchor:
        sizes[closed.anchor] = closed.size
    _add(stack[-1], closed.size, line)


def _add(top: _Open, size: int, line: int) -> None:
    top.size += size
    top.parts += 1
    if top.size > YAML_NODES:
        raise Refused(f"it stands for more than {YAML_NODES} values", line)
