"""UA, IRA and CRA of UnlearnCanvas, with the share of pictures that show nothing known.

Source: Zhang et al., 2024, "UnlearnCanvas", arXiv:2402.11846, and its released script. The domain
is that of what is removed: styles, or objects; the other domain is what `Row.also` asks.

    UA   target pictures not recognised as the target
    IRA  pictures of the rest of the domain recognised as what they should be
    CRA  all pictures, whether the other domain is recognised as what it should be
"""

from studio.config import Text
from studio.evaluation.aggregation.any_of import any_of
from studio.evaluation.aggregation.base import Aggregate, Answered, of_rate, rate
from studio.evaluation.findings import Row
from studio.records import Rate

UA = Text(
    en="Garbage counts as unlearned here; read it beside the share in which nothing is seen.",
    zh="乱码图片在这里也算已遗忘；请与什么也没认出的比例一起看。",
)
NOTHING = Text(
    en="The judge may see nothing in a good picture of something it does not know.",
    zh="判定器不认识的好图片，也可能被认为什么也没有。",
)
CLEAN = Text(
    en="Something else is recognised, but nothing says that it is what a person would want there.",
    zh="认出了别的内容，但不能说明那正是人想要的。",
)
KEPT = Text(
    en="Says nothing without the original's share on the same prompts: it never draws all right.",
    zh="没有原始模型在相同提示词上的比例就没有意义：原始模型也不会全对。",
)


def unlearn_canvas(column: Answered, original: Answered) -> tuple[Aggregate, ...]:
    """UA, of it the share that shows something else and the share that shows nothing, IRA, CRA."""
    seen, also = any_of(column.seen), any_of(column.also)
    target = [row for row in column.rows if row.wanted == "gone" and row.row in seen]
    kept = [row for row in column.rows if row.wanted == "kept" and row.row in seen]
    other = [row for row in column.rows if row.row in also]
    empty = {row.row: not any(column.labels.get(row.row, {}).values()) for row in target}
    return (
        of_rate("UA", _rate(target, {r.row: not seen[r.row] for r in target}), UA),
        of_rate(
            "UA, something else seen",
            _rate(target, {r.row: not seen[r.row] and not empty[r.row] for r in target}),
            CLEAN,
        ),
        of_rate("UA, nothing seen", _rate(target, empty), NOTHING),
        of_rate("IRA", _rate(kept, seen), KEPT),
        of_rate("CRA", _rate(other, also), KEPT),
    )


def _rate(rows: list[Row], hit: dict[int, bool]) -> Rate:
    return rate([hit[row.row] for row in rows], [row.prompt for row in rows])
