"""What a run did to what it was to remove, as far as its own checks can tell; no torch."""

from collections.abc import Sequence
from enum import StrEnum

from studio.methods import LEARNING
from studio.records import CheckRecord, Progress, State

LEAST_GONE = 0.25  # of the pictures that showed it before training


class Outcome(StrEnum):
    """How a trained run's last check compares with its check of the original."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    ZERO = "zero"  # the adapter's numbers are all zero, whatever the checks say
    ABSENT = "absent"  # the original shows nothing of it, so nothing can be seen to go
    UNMEASURED = "unmeasured"  # no detector looked before and after

    @property
    def for_nothing(self) -> bool:
        """Whether the training is known to have done nothing."""
        return self in (Outcome.UNCHANGED, Outcome.ZERO)


def outcome_of(checks: Sequence[CheckRecord], *, zero: bool = False) -> Outcome:
    """What the checks of a run say, in the order of their steps.

    The same probes with the same seeds are drawn each time. Nothing changed where fewer than
    LEAST_GONE of the pictures that showed a target at step 0 no longer do at the last check: with
    at most 24 probes, less than that is one picture that came out otherwise.

    Args:
        zero: all of the adapter's numbers are 0.
    """
    if zero:
        return Outcome.ZERO
    if len(checks) < 2 or checks[0].step != 0:
        return Outcome.UNMEASURED
    before, after = checks[0].target, checks[-1].target
    if not before.n or not after.n:
        return Outcome.UNMEASURED
    if not before.k:
        return Outcome.ABSENT
    return Outcome.CHANGED if before.k - after.k >= LEAST_GONE * before.k else Outcome.UNCHANGED


def run_outcome(run: Progress) -> Outcome | None:
    """What a run did; None while it has not ended well, and for one that learns a word."""
    if run.method in LEARNING or run.status.state not in (State.DONE, State.STOPPED):
        return None
    if run.status.step == 0:
        return None
    return outcome_of(run.checks, zero=run.status.zero)


def told_outcome(run: Progress) -> tuple[str, str]:
    """What happened and what to do, where a run did not do what it was for; else two "".

    Their Chinese is in `studio.failures.ending`.
    """
    outcome = run_outcome(run)
    if outcome is None or outcome is Outcome.CHANGED:
        return "", ""
    if outcome is Outcome.ZERO:
        return (
            "Trained, but nothing changed: all numbers of the adapter are zero.",
            "Try a higher learning rate or more steps, with the settings that suit the model.",
        )
    if outcome is Outcome.UNMEASURED:
        return (
            "Trained, but not measured: no detector looked at pictures from before and after.",
            "Look at the samples, and judge the run before you rely on it.",
        )
    before, after = run.checks[0].target, run.checks[-1].target
    if outcome is Outcome.ABSENT:
        return (
            f"Trained, but not measured: the original shows the target in 0 of {before.n} pictures "
            "of the check.",
            "Choose probes in which the original shows it, or judge the run with more prompts.",
        )
    return (
        f"Trained, but nothing changed: of the pictures of a check, {before.k} of {before.n} "
        f"showed the target before and {after.k} of {after.n} after.",
        "Try the settings that suit method and model, more steps, a higher learning rate, or "
        "another method.",
    )
