"""Numbers about whole columns against the original, once everything is drawn."""

from dataclasses import asdict
from pathlib import Path

from studio.errors import StudioError
from studio.evaluation.findings import Score
from studio.evaluation.protocol import FLOOR, column_slug
from studio.evaluation.protocol_rows import floor_rows
from studio.evaluation.quality import get_scorer, score_all
from studio.evaluation.worlds import knows
from studio.jobs.evaluation_folder import EvaluationFolder


def write_scores(folder: EvaluationFolder) -> None:
    """Ask the scorers about what must be kept, column by column, and write `scores.json`."""
    config = folder.config
    labels = [column.label for column in config.columns]
    if config.scorers:
        scores = {column_slug(label): _scores(folder, labels[0], label) for label in labels[1:]}
        folder.write_json(
            "scores.json", {slug: [asdict(s) for s in found] for slug, found in scores.items()}
        )


def _scores(folder: EvaluationFolder, original: str, label: str) -> tuple[Score, ...]:
    config = folder.config
    kept = [row for row in folder.rows() if row.wanted == "kept"]
    floor = floor_rows(config, kept)
    broken = (
        folder.broken(original) | folder.broken(label) | (folder.broken(FLOOR) if floor else set())
    )
    kept = [row for row in kept if row.row not in broken]  # what is not finite is no picture
    floor = tuple(row for row in floor if row.row not in broken)
    try:
        return score_all(
            [folder.picture(original, row.row) for row in kept],
            [folder.picture(label, row.row) for row in kept],
            [row.prompt for row in kept],
            [folder.picture(FLOOR, row.row) for row in floor] if floor else None,
            names=config.scorers,
            weights=Path(config.scorer_weights) if config.scorer_weights else None,
            icons=knows(config.model),
        )
    except StudioError as error:  # too few pictures, or an original that draws one picture
        return tuple(get_scorer(name).missing(len(kept), error.what) for name in config.scorers)
