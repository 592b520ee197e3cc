"""SQLite files: one way to open them, one way to change them."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, MetaData, create_engine, event
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.pool import NullPool

from studio.errors import StudioError

WAIT_SECONDS = 30.0  # for another process that is writing
READS = "studio_reads"


def open_database(file: Path, tables: MetaData) -> Engine:
    """Open a database, and make it with its tables where there is none.

    Nothing stays open between transactions, so that processes may be started and killed at will.
    The journal is SQLite's oldest, which works on network disks too; each commit is flushed.

    Raises:
        StudioError: it cannot be written, or is no database.
    """
    engine = create_engine(
        URL.create("sqlite", database=str(file.absolute())),  # a path, never parsed as a URL
        poolclass=NullPool,
        connect_args={"timeout": WAIT_SECONDS, "isolation_level": None},
    )

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        # a reader that wants to write later could otherwise be refused at once
        only_reads = connection.get_execution_options().get(READS, False)
        connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")

    with _explained(file):
        file.parent.mkdir(parents=True, exist_ok=True)
        with engine.begin() as connection:
            tables.create_all(connection)
    return engine


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """All that is done inside happens, or nothing; one process at a time.

    Raises:
        StudioError: it cannot be written (full disk, read-only folder), or is damaged.
    """
    with _explained(Path(engine.url.database or "")), engine.begin() as connection:
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Look at one state of the database without keeping others from writing.

    Raises:
        StudioError: it cannot be read, or is damaged.
    """
    with transaction(_reader(engine)) as connection:
        yield connection


@lru_cache(maxsize=64)
def _reader(engine: Engine) -> Engine:
    return engine.execution_options(**{READS: True})


@contextmanager
def _explained(file: Path) -> Iterator[None]:
    try:
        yield
    except (OperationalError, OSError) as error:
        raise StudioError(
            f"The database {file.name} cannot be written: {getattr(error, 'orig', error)}.",
            "Make room on the disk or let the studio write there, then do it again. "
            "What was kept before is still there.",
        ) from error
    except DatabaseError as error:
        raise StudioError(
            f"The file {file.name} is no database, or is damaged: {error.orig}.",
            "Move it away, or put back a copy of it; the studio makes a new one.",
        ) from error
