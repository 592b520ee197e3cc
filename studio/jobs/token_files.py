"""A run keeps its own copy of every learned word it uses, so that it stays complete; no torch."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from studio import durable
from studio.config import Token
from studio.errors import StudioError
from studio.evaluation.reward_facts import reward_facts
from studio.files import place_of
from studio.jobs.run_folder import RunFolder
from studio.records import Rate, State

REWARD = ("reward.safetensors", "reward.json")


@dataclass(frozen=True)
class LearnedToken:
    """A token that an inversion run learned, or still learns.

    Attributes:
        name: how prompts write it, such as "<round-one>"; of several meanings the first.
        run: the id of the inversion run. round: the folder of its rating round.
        names: one for each meaning. files: theirs; empty until it is done.
        accuracy: of the reward model on pictures it was not trained on; None: not measured yet.
        chance: the accuracy of always giving the commonest answer; None: not measured yet.
        doubtful: the accuracy may be chance; ask people for more ratings.
    """

    name: str
    run: str
    round: Path
    state: State
    names: tuple[str, ...]
    files: tuple[Path, ...] = ()
    accuracy: Rate | None = None
    chance: float | None = None
    doubtful: bool = False


def learned_by(folder: RunFolder) -> LearnedToken:
    """What an inversion run learned, or still learns.

    Raises:
        StudioError: the folder is damaged.
    """
    config, state = folder.config, folder.status().state
    worth: tuple[Rate | None, float | None, bool] = (None, None, False)
    concept = config.pack.remove[0]
    with suppress(StudioError):  # not measured yet
        known = reward_facts(folder.learned)
        worth = (known.accuracy, known.chance, known.doubtful)
    return LearnedToken(
        concept.name,
        folder.id,
        Path(str(config.method["round"])),
        state,
        (concept.name, *concept.synonyms),
        folder.learned_tokens if state is State.DONE else (),
        *worth,
    )


def keep_tokens(folder: RunFolder) -> None:
    """Copy the tokens of a run's pack into its folder, unless they are there.

    The reward model that a token was learned with comes along, under the id of its run.

    Raises:
        StudioError: a token was not learned, or its file is not there.
    """
    for token, own in zip(folder.config.pack.tokens, folder.tokens(), strict=True):
        kept = Path(own.file)
        if kept.exists():
            continue
        source = token_file(folder.path.parent, token)
        if not source.is_file():
            raise StudioError(
                f"There is no token at {source}.", "Choose a finished inversion, or another file."
            )
        kept.parent.mkdir(parents=True, exist_ok=True)
        if token.run:
            _keep_reward(RunFolder(folder.path.parent / token.run).learned, kept.parent / token.run)
        durable.write_bytes(kept, source.read_bytes())


def _keep_reward(learned: Path, kept: Path) -> None:
    kept.mkdir(exist_ok=True)
    for name in REWARD:
        if (learned / name).is_file():
            durable.write_bytes(kept / name, (learned / name).read_bytes())


def token_file(root: Path, token: Token) -> Path:
    """The file of a token: its own, or that of the run under `root` that learned it.

    Raises:
        StudioError: that run has not finished, or learns no such word.
    """
    if not token.run:
        return place_of(token.file)
    run = RunFolder(root / token.run)
    if run.status().state is not State.DONE:
        raise StudioError(
            f"The token {token.name} was not learned: the run {token.run} did not finish.",
            "Look there for the reason, learn the token again, then start this run again.",
        )
    names = [
        word for concept in run.config.pack.remove for word in (concept.name, *concept.synonyms)
    ]
    found = dict(zip(names, run.learned_tokens, strict=False))
    if token.name not in found:
        raise StudioError(
            f"The run {token.run} learned no token {token.name}.",
            f"It learned: {', '.join(found)}.",
        )
    return found[token.name]
