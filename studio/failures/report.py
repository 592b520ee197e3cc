"""Failures of reports, in Chinese; see `failures`."""

# English, {} for what varies: 中文
REPORTS: dict[str, str] = {
    "Wait for its end, or stop it first.": "请等它结束，或先停止。",
    "This evaluation has nothing but the original.": "这个评测只有原始模型。",
    "Evaluate a run with it.": "请同时评测一个运行。",
    "This evaluation has no column {}.": "这个评测没有列 {}。",
    "No picture of this evaluation was judged in both columns.": (
        "这个评测没有一张图片在两列中都得到判定。"
    ),
    "Resume it, or start a new one.": "请继续评测，或重新开始。",
    "The findings {} cannot be read.": "读不到结果文件 {}。",
    "Make the report again.": "请重新生成报告。",
}
