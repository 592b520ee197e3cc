"""Tokens: what people rated, learned as a word that can be removed like any other; no torch."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from studio.config import Concept, ModelCard, Pack, Probe, RunConfig, Text, Token
from studio.errors import StudioError
from studio.files import place_of
from studio.jobs.run_queue import folders
from studio.jobs.token_files import LearnedToken as LearnedToken
from studio.jobs.token_files import learned_by, token_file
from studio.methods import LEARNING
from studio.presets import check_pack, find_model
from studio.services.runs import Runs
from studio.words import slug

FEEDBACK = "feedback"
PROBES = 8
MEANINGS = 4  # words for a round, unless somebody says how many kinds of things it means


class Tokens:
    """All tokens of a runs folder."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)
        self._runs = Runs(root)

    def plan(
        self,
        round_folder: Path,
        *,
        name: str = "",
        model: ModelCard | None = None,
        settings: dict[str, Any] | None = None,
        overrides: dict[str, Any] | None = None,
    ) -> RunConfig:
        """Check everything of an inversion and say what would happen; starts nothing.

        Args:
            round_folder: of `FeedbackFolder`, or pictures with a `ratings.json`.
            name: of the token, without brackets; empty: the name of the round's folder.
            model: whose word it becomes; None: the one that drew the round.
            settings: of `HfiConfig`; "meanings" is 4 unless given. overrides: training settings,
                such as "steps" and "seed".

        Raises:
            StudioError: there is no such round, the name is taken, or a setting is wrong.
        """
        place = self.round(round_folder)
        title = name.strip("<> ") or place.name
        word = slug(title, "").strip("-")[:40] or "token"
        if any(token.name == f"<{word}>" for token in self.list()):
            raise StudioError(
                f"There is a token <{word}> already.", "Give the new one another name."
            )
        given = {
            "meanings": MEANINGS,
            **(settings or {}),
            "name": "hfi",
            "round": str(place.resolve()),
        }
        meanings = _count(given.get("meanings", 1))
        names = [f"<{word}>", *(f"<{word}-{place}>" for place in range(2, meanings + 1))]
        card = model or _model_of(place)
        pack = Pack(
            id=word,
            title=Text(en=f"Token <{word}>", zh=f"词元 <{word}>"),
            description=Text(en="Learned from ratings.", zh="从评分中学得。"),
            author="you",
            model=card.id,
            remove=(Concept(name=names[0], synonyms=tuple(names[1:])),),
            probes=_probes(names, "a picture of {}"),
            method={"name": "hfi"},
            **_care_of(place),
        )
        return self._runs.plan(pack, card, method=given, overrides=overrides)

    def start(
        self,
        round_folder: Path,
        *,
        name: str = "",
        model: ModelCard | None = None,
        settings: dict[str, Any] | None = None,
        overrides: dict[str, Any] | None = None,
    ) -> str:
        """Learn a reward model and a token from a round's ratings, as a run of the studio.

        See `plan`. Ratings are read when the run's turn comes; too few of them, or all alike, end
        it with a clear sentence.

        Returns:
            The id of the run.

        Raises:
            StudioError: see `plan`; or nothing can be written.
        """
        config = self.plan(
            round_folder, name=name, model=model, settings=settings, overrides=overrides
        )
        return self._runs.start(config)

    def list(self) -> tuple[LearnedToken, ...]:
        """All tokens, newest first; broken folders are left out."""
        found = []
        for folder in folders(self.root):
            try:
                if folder.config.method["name"] in LEARNING:
                    found.append(learned_by(folder))
            except StudioError:
                continue
        return tuple(found)

    def find(self, token: str) -> LearnedToken:
        """A token by its name, with or without brackets, or by the id of its run.

        Raises:
            StudioError: there is none.
        """
        for known in self.list():
            if token.strip() in (known.name, known.name[1:-1], known.run):
                return known
        raise self._unknown(token)

    def _unknown(self, token: str) -> StudioError:
        names = ", ".join(known.name for known in self.list()) or "none yet"
        return StudioError(
            f"There is no token {token!r}.", f"Learn it from a rating round. There are: {names}."
        )

    def token(self, word: str) -> Token:
        """A learned word with its file, as a column takes it.

        Args:
            word: with its brackets, such as "<round-one-2>".

        Raises:
            StudioError: there is none, or it is not learned yet.
        """
        for known in self.list():
            if word in known.names:
                source = token_file(self.root, Token(name=word, run=known.run))
                return Token(name=word, file=str(source.resolve()))
        raise self._unknown(word)

    def pack_of(
        self, token: str, *, keep: Sequence[str] = (), also: Sequence[str] = (), title: str = ""
    ) -> Pack:
        """A pack that removes a token; it may still be being learned.

        Args:
            token: see `find`. keep: phrases that must stay. also: words to remove beside it.

        Raises:
            StudioError: there is no such token, or something is both removed and kept.
        """
        known = self.find(token)
        learned = self._runs.folder(known.run).config.pack
        text = title or f"Without {known.name}"
        probes = [
            *_probes(known.names, "a picture of {}"),
            *_probes(keep, "a picture of {}", False),
        ]
        pack = Pack(
            id=slug(text, ""),
            title=Text(en=text, zh=title or f"去除 {known.name}"),
            description=Text(
                en="A token learned from ratings is removed.", zh="去除从评分中学得的词元。"
            ),
            author="you",
            sensitivity=learned.sensitivity,
            shows=learned.shows,
            model=learned.model,
            remove=(*learned.remove, *(Concept(name=word) for word in also)),
            keep=tuple(keep),
            tokens=tuple(Token(name=name, run=known.run) for name in known.names),
            probes=tuple(probes),
        )
        check_pack(pack, pack.id)
        return pack

    def start_removal(
        self,
        round_folder: Path,
        *,
        keep: Sequence[str] = (),
        also: Sequence[str] = (),
        name: str = "",
        model: ModelCard | None = None,
        preset: str = "hfi-sdd",
        settings: dict[str, Any] | None = None,
        overrides: dict[str, Any] | None = None,
        removing: dict[str, Any] | None = None,
    ) -> tuple[str, str]:
        """Queue the inversion of a round and, after it, the run that removes its token.

        Args:
            keep: see `pack_of`; empty: what the round's pack keeps, where it has one.
            also: see `pack_of`. preset: of the removing method.
            settings, overrides: of the inversion. removing: training settings of the removal. The
                others: see `plan`.

        Returns:
            The ids of the two runs. The second fails with a clear sentence when the first does
            not finish.

        Raises:
            StudioError: see `start` and `pack_of`.
        """
        plan = self.plan(
            round_folder, name=name, model=model, settings=settings, overrides=overrides
        )
        if not keep and (config := _round_config(self.round(round_folder))) and config.pack:
            keep = config.pack.keep
        first = self._runs.start(plan)
        pack = self.pack_of(first, keep=keep, also=also)
        removal = self._runs.plan(pack, plan.model, preset=preset, overrides=removing)
        return first, self._runs.start(removal)

    def round(self, place: Path) -> Path:
        """The folder of a round, by its path or its name in `RUNS/feedback`.

        Raises:
            StudioError: there is none.
        """
        given = place_of(str(place))
        for found in (given, self.root / FEEDBACK / given.name):
            if (found / "pictures").is_dir():
                return found
        raise StudioError(
            f"There is no rating round {str(place)!r}.",
            "Choose one of the Feedback tab, or give the folder of a round.",
        )


def _probes(phrases: Sequence[str], sentence: str, removed: bool = True) -> tuple[Probe, ...]:
    """Pictures drawn again and again, the phrases in turn."""
    return tuple(
        Probe(
            prompt=sentence.format(phrases[place % len(phrases)]),
            seed=place if removed else 100 + place,
            kind="target" if removed else "unrelated",
        )
        for place in range(PROBES if phrases else 0)
    )


def _count(given: object) -> int:
    """How many words are learned; what is no number is refused where settings are checked."""
    return given if isinstance(given, int) and given > 0 else 1


def _round_config(place: Path) -> Any:
    from studio.jobs.feedback_folder import FeedbackFolder

    return FeedbackFolder(place).config if (place / "round.yaml").exists() else None


def _model_of(place: Path) -> ModelCard:
    config = _round_config(place)
    return config.model if config else find_model("icon-world")


def _care_of(place: Path) -> dict[str, Any]:
    """How careful one must be with the pictures of a round."""
    config = _round_config(place)
    return (
        {"sensitivity": "sensitive", "shows": config.shows} if config and config.sensitive else {}
    )
