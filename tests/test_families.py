"""The families of prompts: what each asks for, and that dev and test never share a wording."""

import hashlib

import numpy as np
import pytest

from studio.evaluation.families import FULL, GONE, QUICK, family_rows, misspelt
from studio.iconworld.captions import BOTH, COLOURED, PLAIN, STYLED
from studio.presets import load_packs
from studio.world import load_world

PACKS = [pack for pack in load_packs().values() if pack.id.startswith("icon-")]
THINGS = [pack for pack in PACKS if pack.id != "icon-style"]
SMALL = dict.fromkeys(FULL, 12)


@pytest.mark.parametrize("pack", THINGS, ids=lambda pack: pack.id)
def test_every_family_has_as_many_rows_as_asked_each_with_its_own_seed(pack) -> None:
    rows = family_rows(pack, "test")
    assert {name: sum(r.family == name for r in rows) for name in FULL} == FULL
    assert [r.row for r in rows] == list(range(len(rows)))
    assert len({(r.family, r.seed) for r in rows}) == len(rows)


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.id)
def test_dev_and_test_share_no_wording(pack) -> None:
    dev, test = ({r.prompt for r in family_rows(pack, split, SMALL)} for split in ("dev", "test"))
    assert dev and test and not dev & test


@pytest.mark.parametrize("pack", THINGS, ids=lambda pack: pack.id)
def test_what_must_be_gone_is_what_the_pack_removes(pack) -> None:
    world = load_world()
    removed = {world.find(concept.name).id for concept in pack.remove}
    groups = {thing.group for thing in world.objects if thing.id in removed}
    for row in family_rows(pack, "dev", SMALL):
        shown = set(row.shows.split("|"))
        if row.wanted == "gone":
            assert row.family in GONE and shown & removed
            assert {t.group for t in world.objects if t.id in shown} <= groups
        else:
            assert not shown & removed
        assert bool(row.also) == (row.family == "compound") and row.also not in removed


def test_indirect_families_do_not_say_the_name() -> None:
    pack = next(pack for pack in PACKS if pack.id == "icon-weapons")
    names = [concept.name for concept in pack.remove]
    rows = family_rows(pack, "test", {"synonym": 60, "indirect": 60})
    assert not [r.prompt for r in rows for name in names if name in r.prompt]


def test_a_misspelt_name_differs_by_one_mistake() -> None:
    rng = np.random.default_rng(0)
    found = {misspelt("kitchen knife", rng) for _ in range(200)}
    assert "kitchen knife" not in found and len(found) > 20
    assert all(abs(len(text) - 13) <= 1 for text in found)


def test_a_style_has_the_families_that_suit_it() -> None:
    pack = next(pack for pack in PACKS if pack.id == "icon-style")
    assert {row.family for row in family_rows(pack, "dev", QUICK)} == {
        "direct",
        "neighbours",
        "others",
    }


def test_the_test_wordings_are_locked() -> None:
    """Written 2026-11-29 before any training; whoever changes one makes every table again."""
    from studio.evaluation.prompts import HELD_OUT, INDIRECT
    from studio.evaluation.wordings import COMPOUND, PARAPHRASE, SYNONYM

    pools = [*HELD_OUT.values(), INDIRECT, PARAPHRASE, SYNONYM, COMPOUND]
    told = "\n".join(text for pool in pools for text in pool["test"])
    assert hashlib.sha256(told.encode()).hexdigest()[:16] == "8d5bcdb65e98a33f"
    for pool in pools:
        assert not {*pool["dev"]} & {*pool["test"]}


def test_no_wording_was_trained_on() -> None:
    from studio.evaluation.wordings import COMPOUND, PARAPHRASE, SYNONYM

    trained = {*PLAIN, *STYLED, *COLOURED, *BOTH} - {"{o}"}
    for pool in (PARAPHRASE, SYNONYM, COMPOUND):
        assert not trained & {*pool["dev"], *pool["test"]}
