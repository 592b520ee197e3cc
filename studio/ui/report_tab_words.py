"""Words of the Report tab: (English, 中文)."""

REPORT_WORDS: dict[str, tuple[str, str]] = {
    "tab_report": ("Report", "报告"),
    "report_run": ("Run to test", "要测试的运行"),
    "report_mode": ("How thorough", "测试规模"),
    "report_quick": ("Quick look", "快速试看"),
    "report_full": ("Full test", "完整测试"),
    "report_start": ("Start the test", "开始测试"),
    "report_plan": (
        "Draws held-out prompts with the original and with the run, and asks the judge. A quick "
        "look takes few of each kind: some minutes on a CPU, wide intervals, no verdict.",
        "用原始模型和该运行绘制训练中未出现的提示词，再由判定器判定。快速试看每类只取少量：CPU "
        "上几分钟，区间很宽，不作结论。",
    ),
    "report_which": ("Test in view", "查看的测试"),
    "report_none": ("Not tested", "未测试"),
    "report_none_text": (
        "Nothing was measured for this run. Start a quick look, or test it in full.",
        "这个运行还没有任何测量。可以快速试看，或完整测试。",
    ),
    "report_no_run": ("Nothing to test yet", "还没有可测试的内容"),
    "report_no_run_text": (
        "Train a run first; then its report is made here.",
        "先训练一个运行，然后在这里生成报告。",
    ),
    "report_testing": ("testing {done} of {total}", "正在测试 {done} / {total}"),
    "report_queued": ("starting", "正在启动"),
    "report_of": ("of {total} pictures", "共 {total} 张图片"),
    "report_closable": ("You can close this page. The test goes on.", "可以关闭页面，测试会继续。"),
    "report_done": ("done {when}", "完成于 {when}"),
    "report_stopped": (
        "stopped after {done} of {total} pictures",
        "已停止，画了 {done} / {total} 张",
    ),
    "report_stale": ("out of date", "已过期"),
    "report_stale_title": ("The adapter has changed since this test.", "测试之后适配器已改变。"),
    "report_stale_text": (
        "What stands below was measured before. Start the test again.",
        "下面是改变之前的测量。请重新测试。",
    ),
    "report_resume": ("Go on", "继续"),
    "report_making": ("Making the report", "正在生成报告"),
    "report_worst": ("The worst pictures", "最差的图片"),
    "report_take": ("Take it with you", "带走这份报告"),
    "report_take_sub": (
        "Pictures of sensitive packs stay blurred in the files.",
        "敏感概念包的图片在文件中保持模糊。",
    ),
    "report_html": ("Report page (html)", "报告网页 (html)"),
    "report_json": ("Numbers (json)", "数据 (json)"),
    "report_card": ("Model card (md)", "模型卡 (md)"),
    "report_figures": ("Figures (zip)", "图 (zip)"),
}
