"""What is committed stays, what breaks off leaves nothing, and failures say what to do."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, func, insert, select

from studio.database import open_database, transaction
from studio.errors import StudioError

TABLES = MetaData()
THINGS = Table("things", TABLES, Column("number", Integer))


def total(file: Path) -> int:
    with transaction(open_database(file, TABLES)) as connection:
        return int(connection.execute(select(func.count()).select_from(THINGS)).scalar_one())


def test_a_transaction_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "new" / "a.sqlite", TABLES)
    with transaction(engine) as connection:
        connection.execute(insert(THINGS).values(number=1))
    with pytest.raises(KeyError), transaction(engine) as connection:
        connection.execute(insert(THINGS).values(number=2))
        raise KeyError
    assert total(tmp_path / "new" / "a.sqlite") == 1


def test_reading_and_then_writing_loses_nothing_beside_others(tmp_path: Path) -> None:
    file = tmp_path / "a.sqlite"
    engine = open_database(file, TABLES)

    def add(_: int) -> None:
        with transaction(engine) as connection:
            found = connection.execute(select(func.count()).select_from(THINGS)).scalar_one()
            connection.execute(insert(THINGS).values(number=found))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(40)))
    with transaction(engine) as connection:
        numbers = sorted(connection.execute(select(THINGS.c.number)).scalars())
    assert numbers == list(range(40))


def test_what_is_no_database_is_left_alone_and_said(tmp_path: Path) -> None:
    file = tmp_path / "a.sqlite"
    file.write_text("no database " * 100)
    with pytest.raises(StudioError, match="is no database"):
        open_database(file, TABLES)
    assert file.read_text().startswith("no database")


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StudioError, match="cannot be written"):
        open_database(tmp_path / "file" / "a.sqlite", TABLES)


@pytest.mark.parametrize(
    "name", ["my%20runs", "what? runs", "a#b", "c++", "100%", "файлы 枪", "-x", "a&b=c;d"]
)
def test_the_database_lies_in_its_folder_whatever_its_name(tmp_path: Path, name: str) -> None:
    file = tmp_path / name / "a.sqlite"
    with transaction(open_database(file, TABLES)) as connection:
        connection.execute(insert(THINGS).values(number=1))
    assert file.is_file()
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert total(file) == 1


def test_a_relative_path_is_no_url_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert total(Path("file:x?mode=memory") / "a.sqlite") == 0
    assert (tmp_path / "file:x?mode=memory" / "a.sqlite").is_file()
