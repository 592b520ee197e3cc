"""`python -m studio.jobs.feedback_maker FOLDER`: the original model draws a round's pictures.

Pictures that are there are not drawn again, so whatever ends it, the next start goes on.
"""

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from studio.config import Column
from studio.jobs.drawing import parameters, told_cut
from studio.jobs.feedback_folder import FeedbackFolder, RoundPicture
from studio.jobs.reporter import Reporter, Stopped
from studio.jobs.run_queue import in_line, turn
from studio.pictures import cover_of, save_png
from studio.records import State

if TYPE_CHECKING:
    from studio.models.loading import Bundle

BATCH = 8


class FeedbackMaker(Reporter):
    """Carries the drawing of one round from starting to its end."""

    def __init__(self, folder: FeedbackFolder) -> None:
        self.folder, self.config = folder, folder.config
        super().__init__(folder, len(self.config.pictures))

    def run(self) -> None:
        """Draw what is missing; every end is written down."""
        with self.told(explain):
            try:
                with in_line(self.folder):
                    self._say(step=self._done())
                    with turn(self.folder) as mine:
                        if not mine:
                            raise Stopped
                        self._say(state=State.STARTING)
                        self._work()
                self._say(state=State.DONE, step=self._done(), ended=time.time(), seconds_left=None)
            except Stopped:
                self.folder.log("Stopped; what is drawn stays.")
                self._say(
                    state=State.STOPPED, step=self._done(), ended=time.time(), seconds_left=None
                )

    def _done(self) -> int:
        return len(self._tried() & {shot.picture for shot in self.config.pictures})

    def _tried(self) -> frozenset[str]:
        """The pictures that are there, and those that came out as no numbers."""
        return self.folder.drawn() | self.folder.noted("broken")

    def _work(self) -> None:
        """Draw what is missing; a picture that is not finite is none, and the rest goes on.

        Raises:
            StudioError: none of them is finite.
        """
        there = self._tried()
        missing = [shot for shot in self.config.pictures if shot.picture not in there]
        if not missing:
            return
        from studio.models.loading import device_name, load_bundle

        self.folder.log(f"Load {self.config.model.title.en}.")
        bundle = load_bundle(self.config.model)
        self.folder.write_environment(device_name())
        before, began = self._done(), time.monotonic()
        self._say(state=State.RUNNING, step=before)
        for start in range(0, len(missing), BATCH):
            self._draw(bundle, missing[start : start + BATCH])
            done = before + min(start + BATCH, len(missing))
            pace = (time.monotonic() - began) / (done - before)
            left = pace * (self.status.total - done)
            self._say(step=done, seconds_per_step=pace, seconds_left=left)
        if not self.folder.drawn():
            from studio.models.finite import not_finite

            self.folder.forget_notes()
            total = len(self.config.pictures)
            raise not_finite(total, total, self.config.pictures[0].prompt)

    def _draw(self, bundle: "Bundle", shots: Sequence[RoundPicture]) -> None:
        from studio.evaluation.pictures import draw_all
        from studio.models.finite import finite_rows
        from studio.models.sampler import to_pil
        from studio.models.text import is_cut

        cut = [shot.picture for shot in shots if is_cut(bundle, shot.prompt)]
        if cut:
            self.folder.log(told_cut(cut))
            self.folder.note("cut", cut)
        sample = bundle.card.sample
        (drawn,) = draw_all(
            bundle,
            [shot.prompt for shot in shots],
            [shot.seed for shot in shots],
            sample,
            batch=BATCH,
            on_step=self._step,
            cut=True,
        )
        whole = finite_rows(drawn)
        broken = [shot.picture for shot, good in zip(shots, whole, strict=True) if not good]
        if broken:
            self.folder.note("broken", broken)
            self.folder.log(f"{len(broken)} pictures are no numbers (NaN): not measured.")
        kept = [shot for shot, good in zip(shots, whole, strict=True) if good]
        for shot, image in zip(kept, to_pil(drawn[whole]), strict=True):
            file = self.folder.path / shot.picture
            save_png(image, file, parameters(bundle.card, sample, Column(), shot.prompt, shot.seed))
            if self.config.sensitive:
                cover_of(file)

    def _step(self) -> None:
        """Between two steps of the sampler: show that it lives, and end when asked to."""
        self.stop_if_asked()
        self._say(quietly=True)


def explain(error: Exception) -> tuple[str, str]:
    """What happened and what to do, for a failure nobody expected."""
    if "out of memory" in str(error).lower():
        return (
            "The memory of the GPU ran out.",
            "Close other programs that use the GPU, then go on with the round.",
        )
    return (
        f"The drawing broke: {type(error).__name__}: {error}",
        "This is a mistake in the studio. The log has the details; please report it.",
    )


def main() -> int:
    """Draw the pictures of the folder named on the command line."""
    if len(sys.argv) != 2:
        print("usage: python -m studio.jobs.feedback_maker FOLDER", file=sys.stderr)
        return 2
    FeedbackMaker(FeedbackFolder(Path(sys.argv[1]))).run()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
