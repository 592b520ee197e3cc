"""Ratings go out and come in as they are; a file that does not fit is refused with its row."""

from pathlib import Path

import pandas as pd
import pytest

from studio.errors import StudioError
from studio.failures import told
from studio.jobs.feedback_folder import FeedbackFolder
from studio.jobs.rating_files import export_ratings, import_ratings
from tests.rounds import FEATHERS, SPIKES, drawn_round


def rated(root: Path, kind: str) -> FeedbackFolder:
    labels = {"labels": (SPIKES, FEATHERS)} if kind == "binary" else {}
    folder = drawn_round(root, kind, 10, **labels)
    for who in ("Ann", "小王"):
        for number, question in folder.store.questions().items():
            if kind == "binary":
                folder.store.answer(who, number, {"0": number % 2 == 0, "1": number % 3 == 0})
            else:
                ranks = {p: rank for rank, p in enumerate(question.pictures, start=1)}
                folder.store.answer(who, number, {**ranks, question.pictures[0]: None})
    return folder


@pytest.mark.parametrize("kind", ["binary", "ranking"])
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_what_goes_out_comes_in_again(tmp_path: Path, kind: str, ending: str) -> None:
    folder, file = rated(tmp_path / "one", kind), tmp_path / f"ratings.{ending}"
    rows = export_ratings(folder, file)
    assert rows == len(folder.store.answers())
    other = drawn_round(
        tmp_path / "two", kind, 10, labels=(SPIKES, FEATHERS) if kind == "binary" else ()
    )
    assert import_ratings(other, file) == rows
    before, after = folder.store.answers(), other.store.answers()
    assert [vars(a) | {"at": 0} for a in before] == [vars(a) | {"at": 0} for a in after]
    assert [a.at for a in before] == pytest.approx([a.at for a in after], abs=1e-5)
    assert folder.ratings() == other.ratings()
    assert import_ratings(other, file) == 0, "the same file again adds nothing"


RANKED = "rater,question,picture,rank\n"
YES_NO = "rater,picture,shows\n"


def ranking(*ranks: str, start: int = 0) -> str:
    return RANKED + "".join(
        f"Ann,1,pictures/{place:05d}.png,{rank}\n" for place, rank in enumerate(ranks, start=start)
    )


@pytest.mark.parametrize(
    ("kind", "text", "what"),
    [
        ("binary", "", "holds no ratings"),
        ("binary", YES_NO, "holds no ratings"),
        ("binary", "rater,picture\nAnn,pictures/00000.png\n", "lacks the column shows"),
        ("binary", "rater,picture,shows,mood\nAnn,pictures/00000.png,yes,ok\n", "reads: mood"),
        ("binary", f"{YES_NO}Ann,pictures/00000.png,yes\nAnn,pictures/99.png,no\n",
         "row 3: this round has no picture pictures/99.png"),
        ("binary", f"{YES_NO}Ann,pictures/00000.png,perhaps\n", "row 2: 'perhaps' is neither"),
        ("binary", f"{YES_NO}=cmd(),pictures/00000.png,yes\n", "row 2: '=cmd.*no name for a rater"),
        ("binary", f"{YES_NO}Ann,pictures/00000.png,yes\nAnn,pictures/00000.png,yes\n",
         "row 3: it says the same thing twice, as row 2"),
        ("binary", 'rater,picture,shows,at\nAnn,pictures/00000.png,yes,noon\n', "row 2: 'noon'"),
        ("binary", f"{YES_NO}\"Ann", "cannot be read as ratings"),
        ("ranking", ranking("1", "2", "3", "2", "5"), "row 5: the rank 2 stands in row 3"),
        ("ranking", ranking("1", "2", "3", "4", "6"), "row 6: the rank 6 lies outside 1 to 5"),
        ("ranking", ranking("1", "2", "3", "4", "0"), "row 6: the rank 0 lies outside"),
        ("ranking", ranking("1", "2", "3", "4", "inf"), "row 6: the rank inf lies outside"),
        ("ranking", ranking("1", "2", "3", "4"), "row 2: of question 1, Ann says 4 of 5 things"),
        ("ranking", ranking("1", "2").replace("Ann,1", "Ann,7"), "row 2: this round has no quest"),
    ],
)  # fmt: skip
def test_a_file_that_does_not_fit_is_refused_whole(
    tmp_path: Path, kind: str, text: str, what: str
) -> None:
    folder, file = drawn_round(tmp_path, kind, 5), tmp_path / "given.csv"
    if kind == "binary":
        folder.store.answer("Ben", 1, {"0": True})
    before = folder.store.answers()
    file.write_text(text, encoding="utf-8")
    with pytest.raises(StudioError, match=what) as caught:
        import_ratings(folder, file)
    assert folder.store.answers() == before, "nothing of the file was taken"
    assert told(caught.value.what, "zh") != caught.value.what
    assert told(caught.value.way_out, "zh") != caught.value.way_out


def test_an_answer_that_was_given_is_not_replaced(tmp_path: Path) -> None:
    folder, file = drawn_round(tmp_path, count=2), tmp_path / "given.csv"
    picture = folder.store.questions()[1].pictures[0]
    folder.store.answer("Ann", 1, {"0": True})
    file.write_text(f"{YES_NO}Ben,{picture},no\nAnn,{picture},no\n")
    with pytest.raises(StudioError, match=r"row 3: Ann said something else"):
        import_ratings(folder, file)
    assert folder.ratings().shows == {picture: (True,)}


def test_what_is_no_table_is_said(tmp_path: Path) -> None:
    folder = drawn_round(tmp_path, count=2)
    (tmp_path / "a.parquet").write_bytes(b"no parquet")
    (tmp_path / "a.csv").write_bytes(b"rater,picture,shows\n\xff\xfe,\x00,yes\n")
    for name in ("a.parquet", "a.csv", "gone.csv"):
        with pytest.raises(StudioError, match=r"cannot be read|no UTF-8 text"):
            import_ratings(folder, tmp_path / name)
    with pytest.raises(StudioError, match="neither a CSV nor a Parquet"):
        import_ratings(folder, tmp_path / "a.xlsx")


def test_ranks_of_parquet_may_be_numbers(tmp_path: Path) -> None:
    folder = drawn_round(tmp_path, "ranking", 5)
    rows = [
        {"rater": "Ann", "question": 1.0, "picture": p, "rank": rank}
        for p, rank in zip(sorted(folder.drawn()), (3.0, 1.0, None, 2.0, None), strict=True)
    ]
    pd.DataFrame(rows).to_parquet(tmp_path / "a.parquet")
    assert import_ratings(folder, tmp_path / "a.parquet") == 5
    assert folder.ratings().ranks == (tuple(f"pictures/0000{n}.png" for n in (1, 3, 0)),)
