"""Tokens: what people rated, learned as a word that can be removed like any other; no torch."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.config import Pack
from studio.records import Rate, State


@dataclass(frozen=True)
class LearnedToken:
    """A token that an inversion run learned, or still learns.

    Attributes:
        name: how prompts write it, such as "<round-one>". run: the id of the inversion run.
        round: the folder of its rating round. files: one for each meaning; empty until it is done.
        accuracy: of the reward model on pictures it was not trained on; None: not measured yet.
        chance: the accuracy of always giving the commonest answer; None: not measured yet.
        doubtful: the accuracy may be chance; ask people for more ratings.
    """

    name: str
    run: str
    round: Path
    state: State
    files: tuple[Path, ...] = ()
    accuracy: Rate | None = None
    chance: float | None = None
    doubtful: bool = False


class Tokens:
    """All tokens of a runs folder."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)

    def start(
        self,
        round_folder: Path,
        *,
        name: str = "",
        settings: dict[str, Any] | None = None,
        overrides: dict[str, Any] | None = None,
    ) -> str:
        """Learn a reward model and a token from a round's ratings, as a run of the studio.

        Args:
            round_folder: see `FeedbackFolder`.
            name: of the token, without brackets; empty: the id of the round.
            settings: of `HfiConfig`. overrides: training settings, such as "steps" and "seed".

        Returns:
            The id of the run.

        Raises:
            StudioError: there are too few ratings, a setting is wrong, or nothing can be written.
        """
        raise NotImplementedError

    def list(self) -> tuple[LearnedToken, ...]:
        """All tokens, newest first; broken folders are left out."""
        raise NotImplementedError

    def find(self, token: str) -> LearnedToken:
        """A token by its name, with or without brackets, or by the id of its run.

        Raises:
            StudioError: there is none.
        """
        raise NotImplementedError

    def pack_of(self, token: str, *, keep: Sequence[str] = (), also: Sequence[str] = ()) -> Pack:
        """A pack that removes a token; it may still be being learned.

        Args:
            token: see `find`. keep: phrases that must stay. also: words to remove beside it.

        Raises:
            StudioError: there is no such token, or something is both removed and kept.
        """
        raise NotImplementedError

    def start_removal(
        self,
        round_folder: Path,
        *,
        keep: Sequence[str] = (),
        also: Sequence[str] = (),
        name: str = "",
        preset: str = "hfi-sdd",
        settings: dict[str, Any] | None = None,
        overrides: dict[str, Any] | None = None,
    ) -> tuple[str, str]:
        """Queue the inversion of a round and, after it, the run that removes its token.

        Args:
            keep, also: see `pack_of`. preset: of the removing method. The others: see `start`.

        Returns:
            The ids of the two runs. The second fails with a clear sentence when the first does
            not finish.

        Raises:
            StudioError: see `start` and `pack_of`.
        """
        raise NotImplementedError
