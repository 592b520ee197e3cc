"""Which studio may start, stop and delete: the first one that works on a runs folder.

A row of `queue.sqlite` names its process. A later studio only shows, until that process has ended.
"""

from pathlib import Path

from sqlalchemy import Connection, Engine, delete, insert, select

from studio.database import open_database, reading, transaction
from studio.errors import StudioError
from studio.jobs.queue_tables import FILE, OWNER, TABLES, Process


class Desk:
    """The place of one studio at a runs folder."""

    def __init__(self, root: Path) -> None:
        self.file = Path(root) / FILE
        self._me = Process.of()
        self._opened: Engine | None = None

    def mine(self) -> bool:
        """Whether this studio may change things; takes the desk when nobody living sits there.

        Where the folder cannot be written it may: what it then tries says so better.
        """
        try:
            with reading(self._engine()) as connection:
                owner = _owner(connection)
            if owner is None or not owner.lives:
                owner = self._sit_down()
        except StudioError:
            return True
        return owner == self._me

    def refuse_viewer(self) -> None:
        """Let nothing change where this studio only shows.

        Raises:
            StudioError: another studio works on the same folder.
        """
        if not self.mine():
            raise StudioError(
                "Another studio works on this runs folder; this one only shows it.",
                "Use the other one, or end it and do this again.",
            )

    def _sit_down(self) -> Process | None:
        with transaction(self._engine()) as connection:
            owner = _owner(connection)
            if owner is None or not owner.lives:
                connection.execute(delete(OWNER))
                connection.execute(insert(OWNER).values(pid=self._me.pid, born=self._me.born))
                return self._me
        return owner

    def _engine(self) -> Engine:
        if self._opened is None or not self.file.exists():
            self._opened = open_database(self.file, TABLES)
        return self._opened


def _owner(connection: Connection) -> Process | None:
    row = connection.execute(select(OWNER.c.pid, OWNER.c.born)).one_or_none()
    return Process(row.pid, row.born) if row else None
