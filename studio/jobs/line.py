"""One line for all heavy work of a runs folder: one piece of work at a time on a device.

The line is a table in SQLite. Each worker enters its work, waits until it may take the turn, and
leaves. Nobody hands turns out, so nothing stands still when the studio ends; and since a row names
its process, a worker that was killed frees the line at the next look of whoever waits.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import psutil
from sqlalchemy import Connection, Engine, delete, func, insert, select, update

from studio.config import Text
from studio.database import open_database, reading, transaction
from studio.jobs.queue_tables import FILE, LINE, SETTINGS, TABLES, Entry, Process, Work
from studio.jobs.work_folder import Elsewhere
from studio.lives import boot, uptime

MOST_LAUNCHES = 3
ANY, CPU = "any", "cpu"
PAUSED, BESIDE = "paused", "beside"


class Line:
    """The line of a runs folder; every method is one transaction.

    Raises:
        StudioError: from each method, when the database cannot be written or is damaged.
    """

    def __init__(self, root: Path) -> None:
        self.file = Path(root) / FILE
        self._opened: Engine | None = None

    def entries(self) -> tuple[Entry, ...]:
        """Everything that works or waits, first what works; the dead are among them."""
        if not self.file.exists():
            return ()
        with reading(self._engine()) as connection:
            return _entries(connection)

    def find(self, key: str) -> Entry | None:
        """The entry of a key."""
        return next((entry for entry in self.entries() if entry.key == key), None)

    def enter(
        self,
        key: str,
        work: Work,
        title: Text,
        *,
        device: str | None = None,
        processes: int = 1,
        worker: Process | None = None,
    ) -> None:
        """Enter work at the end of the line, or say who is at an entry that is there already.

        Args:
            device: None: `device_asked` of this process. worker: None: a worker is yet to come.

        Raises:
            Elsewhere: another living process is at it.
        """
        who = {"pid": worker.pid if worker else None, "born": worker.born if worker else None}
        with transaction(self._engine()) as connection:
            known = next((entry for entry in _entries(connection) if entry.key == key), None)
            if known is not None:
                if not _may_take_over(known, worker):
                    raise Elsewhere(key)
                mine = LINE.c.key == key
                if not known.working:
                    connection.execute(update(LINE).where(mine).values(**who))
                    return
                connection.execute(delete(LINE).where(mine))  # its turn ended with its process
            last = connection.execute(select(func.max(LINE.c.place))).scalar_one() or 0
            row = {
                "key": key, "place": last + 1, "work": work, "title": title.en,
                "title_zh": title.zh, "device": device or device_asked(), "processes": processes,
                "working": False, "launches": 0, "boot": boot(), "since": uptime(), **who,
            }  # fmt: skip
            connection.execute(insert(LINE).values(**row))

    def launched(self, key: str, pid: int) -> None:
        """Say which process was launched for an entry, unless somebody is at it already."""
        who = vars(Process.of(pid))
        with transaction(self._engine()) as connection:
            free = (LINE.c.key == key) & LINE.c.pid.is_(None)
            connection.execute(update(LINE).where(free).values(**who))

    def take(self, key: str) -> bool | None:
        """Take the turn if it is this entry's; None where there is no such entry."""
        if (mine := self.find(key)) is None:
            return None
        if not self._may(self.entries(), mine):  # most looks end here and lock nothing
            return False
        with transaction(self._engine()) as connection:
            found = _entries(connection)
            if key not in [entry.key for entry in found]:
                return None
            if not self._may(found, mine, connection):
                return False
            _sweep(connection, found, key)
            taken = {"working": True, "launches": 0}
            connection.execute(update(LINE).where(LINE.c.key == key).values(**taken))
        return True

    def ahead(self, key: str) -> list[Entry]:
        """Living entries that this one waits for, the one at work first."""
        found = self.entries()
        mine = next((entry for entry in found if entry.key == key), None)
        return _ahead(found, mine, beside=self.setting(BESIDE)) if mine else []

    def leave(self, key: str) -> None:
        """Take an entry out."""
        if self.file.exists():
            with transaction(self._engine()) as connection:
                connection.execute(delete(LINE).where(LINE.c.key == key))

    def rename(self, key: str, title: Text) -> None:
        """What an entry is called."""
        names = {"title": title.en, "title_zh": title.zh}
        with transaction(self._engine()) as connection:
            connection.execute(update(LINE).where(LINE.c.key == key).values(**names))

    def move(self, key: str, *, up: bool) -> bool:
        """Change places with the neighbour; False where there is none, or it does not wait."""
        with transaction(self._engine()) as connection:
            waiting = [entry for entry in _entries(connection) if not entry.working]
            order = [entry.key for entry in waiting if entry.work is not Work.DRAW]
            at = order.index(key) if key in order else -1
            other = at - 1 if up else at + 1
            if at < 0 or not 0 <= other < len(order):
                return False
            pair = [key, order[other]]
            rows = connection.execute(
                select(LINE.c.key, LINE.c.place).where(LINE.c.key.in_(pair))
            ).all()
            for (name, _), (_, place) in zip(rows, reversed(rows), strict=True):
                connection.execute(update(LINE).where(LINE.c.key == name).values(place=place))
        return True

    def setting(self, name: str) -> bool:
        """A setting of the line, `PAUSED` or `BESIDE`."""
        if not self.file.exists():
            return False
        with reading(self._engine()) as connection:
            return _setting(connection, name)

    def set(self, name: str, value: bool) -> None:
        """Change a setting of the line."""
        with transaction(self._engine()) as connection:
            connection.execute(delete(SETTINGS).where(SETTINGS.c.name == name))
            connection.execute(insert(SETTINGS).values(name=name, value=value))

    def left_alone(self) -> list[Entry]:
        """Waiting entries whose worker is gone and that are now to be launched by the caller.

        Each is given to one caller only. One that never reached its turn after `MOST_LAUNCHES` is
        taken out instead.
        """
        if all(entry.alive or entry.working for entry in self.entries()):
            return []
        with transaction(self._engine()) as connection:
            found = _entries(connection)
            _sweep(connection, found, "")
            gone = [e for e in found if e.work.started_again and not (e.working or e.alive)]
            given = [entry for entry in gone if entry.launches < MOST_LAUNCHES]
            for entry in gone:
                mine = LINE.c.key == entry.key
                if entry not in given:
                    connection.execute(delete(LINE).where(mine))
                    continue
                again = {
                    "launches": entry.launches + 1, "pid": None, "born": None,
                    "boot": boot(), "since": uptime(),
                }  # fmt: skip
                connection.execute(update(LINE).where(mine).values(**again))
        return given

    def _may(
        self, found: Sequence[Entry], mine: Entry, connection: Connection | None = None
    ) -> bool:
        def setting(name: str) -> bool:
            return _setting(connection, name) if connection else self.setting(name)

        if mine.work is not Work.DRAW and setting(PAUSED):
            return False
        return not _ahead(found, mine, beside=setting(BESIDE))

    def _engine(self) -> Engine:
        if self._opened is None or not self.file.exists():
            self._opened = open_database(self.file, TABLES)
        return self._opened


def device_asked() -> str:
    """The devices that this process may use: "any", "cpu", or numbers of GPUs such as "0,1"."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is None:
        return ANY
    return visible if visible.strip() not in ("", "-1") else CPU


def _entries(connection: Connection) -> tuple[Entry, ...]:
    order = (LINE.c.working.desc(), (LINE.c.work == Work.DRAW).desc(), LINE.c.place)
    rows = connection.execute(select(LINE).order_by(*order)).mappings()
    return tuple(
        Entry(
            row["key"], Work(row["work"]), row["title"], row["title_zh"], row["device"],
            row["processes"], Process(row["pid"], row["born"]) if row["pid"] else None,
            row["working"], row["launches"], row["boot"], row["since"],
        )
        for row in rows
    )  # fmt: skip


def _setting(connection: Connection, name: str) -> bool:
    wanted = select(SETTINGS.c.value).where(SETTINGS.c.name == name)
    return bool(connection.execute(wanted).scalar_one_or_none())


def _ahead(found: Sequence[Entry], mine: Entry, *, beside: bool) -> list[Entry]:
    keys = [entry.key for entry in found]
    if mine.key not in keys:
        return []
    before = [e for e in found[: keys.index(mine.key)] if _clash(e.device, mine.device)]
    if beside and mine.work is Work.DRAW:
        before = [entry for entry in before if entry.work is Work.DRAW]
    return [entry for entry in before if entry.alive]


def _clash(one: str, other: str) -> bool:
    if ANY in (one, other):
        return True
    return bool(set(one.split(",")) & set(other.split(",")))


def _sweep(connection: Connection, found: Sequence[Entry], mine: str) -> None:
    """Take out what nobody will ever go on with."""
    for entry in found:
        lost = entry.working or not entry.work.started_again
        if entry.key != mine and lost and not entry.alive:
            connection.execute(delete(LINE).where(LINE.c.key == entry.key))


def _may_take_over(known: Entry, worker: Process | None) -> bool:
    """One may take over from the dead, from oneself, and from those that launched one."""
    if known.process is None or not known.alive:
        return True
    above = {parent.pid for parent in psutil.Process().parents()}
    return worker is not None and known.process.pid in {worker.pid, *above}
