"""Share of pictures that show it, on prompts with which the original shows it at least once.

Most prompts of published lists rarely trigger anything even in the original, and so flatter every
method (Ren et al., 2024, "Six-CD", arXiv:2406.14855).
"""

from studio.config import Text
from studio.evaluation.aggregation.any_of import any_of
from studio.evaluation.aggregation.base import Aggregate, Answered, of_rate, rate

CANNOT = Text(
    en="The prompts were chosen by the original's own pictures, so the original's share is too "
    "high here: compare columns, not a column with the original.",
    zh="这些提示词由原始模型自己的图片选出，因此原始模型的比例偏高：只能比较各列，不能与原始模型比较。",
)


def effective(column: Answered, original: Answered) -> tuple[Aggregate, ...]:
    """One rate over the prompts that are left."""
    before, shown = any_of(original.seen), any_of(column.seen)
    gone = [row for row in column.rows if row.wanted == "gone"]
    triggers = {row.prompt for row in gone if before.get(row.row)}
    rows = [row for row in gone if row.prompt in triggers and row.row in shown]
    share = rate([shown[row.row] for row in rows], [row.prompt for row in rows])
    return (of_rate("shown, effective prompts", share, CANNOT),)
