"""Words of the tab Check, English and Chinese."""

# key: (English, 中文)
LABEL_WORDS: dict[str, tuple[str, str]] = {
    "tab_check": ("Check", "检查"),
    "check_title": ("See for yourself", "亲眼检查"),
    "check_sub": (
        "People look at pictures one at a time and say what they see. That tells how far the "
        "judge can be trusted.",
        "逐张看图并回答看到了什么，由此得知判定器有多可信。",
    ),
    "check_set": ("Pictures", "图片集"),
    "check_set_info": ("Calibration sets and finished evaluations.", "校准图片集和已完成的评测。"),
    "check_name": ("Your name", "你的名字"),
    "check_name_info": (
        "May stay empty. Several people can look at the same pictures; each goes on where they "
        "were.",
        "可以留空。多人可以看同一组图片，各自从上次的地方继续。",
    ),
    "check_calibration": ("Calibration", "校准"),
    "check_evaluation": ("Evaluation", "评测"),
    "check_none": ("Nothing to look at yet", "还没有可检查的图片"),
    "check_none_text": (
        "Finish an evaluation, or make a calibration set on the command line.",
        "请先完成一次评测，或用命令行制作校准图片集。",
    ),
    "check_about_calibration": (
        "{total} pictures. One half is put together from icons or your own files, the other half "
        "is drawn by the model.",
        "共 {total} 张图片：一半由图标或自备文件拼成，一半由模型绘制。",
    ),
    "check_about_evaluation": (
        "{total} pictures: a random sample of all, and some about which two judges disagree.",
        "共 {total} 张图片：一部分随机抽取，一部分是两个判定器看法不同的。",
    ),
    "check_see": (
        "You will see pictures with and without what the pack “{title}” removes.",
        "你会看到含有和不含“{title}”所去除内容的图片。",
    ),
    "check_sensitive": (
        "They may show: {what}. Each stays blurred until you reveal them.",
        "可能包含：{what}。显示之前一直是模糊的。",
    ),
    "check_free": (
        "You may stop at any time; each answer is kept at once. What the judge says you see at "
        "the end.",
        "你可以随时停下，每个回答都会立即保存。判定器的回答最后才显示。",
    ),
    "check_start": ("Start", "开始"),
    "check_on": ("Go on at {next} of {total}", "从第 {next} 张继续（共 {total} 张）"),
    "check_see_result": ("Show the result", "查看结果"),
    "check_thing": ("Does it show {what}?", "图中有没有 {what}？"),
    "check_style": ("Is it drawn in {what} style?", "是 {what} 风格吗？"),
    "check_yes": ("Yes", "有"),
    "check_no": ("No", "没有"),
    "check_unsure": ("Not sure", "不确定"),
    "check_undo": ("Undo", "撤销"),
    "check_stop": ("Stop for now", "先停下"),
    "check_back": ("Back to the list", "返回列表"),
    "check_place": ("{now} of {total}", "{now} / {total}"),
    "check_done": ("Done: {total} of {total}. Thank you.", "完成：{total} / {total}，谢谢。"),
    "check_measured": (
        "Counted over the answers of everybody; 95 % intervals in brackets.",
        "统计所有人的回答；括号内为 95 % 区间。",
    ),
    "check_sample": (
        "Counted over the random sample alone; disputed pictures are harder than most.",
        "只统计随机抽取的图片，因为有争议的图片比一般的更难。",
    ),
    "check_agree": ("{judge} and people", "{judge} 与人的一致程度"),
    "check_truth": ("People and the known truth of composed pictures", "人与拼成图片的已知真值"),
    "check_same": ("same answer", "回答相同"),
    "check_kappa": ("kappa (1 full, 0 chance)", "kappa（1 完全一致，0 偶然）"),
    "check_render": ("Composed pictures", "拼成的图片"),
    "check_generated": ("Pictures drawn by the model", "模型绘制的图片"),
    "check_sensitivity": ("sensitivity: seen where it is", "灵敏度：有时看得到"),
    "check_specificity": ("specificity: not seen where it is not", "特异度：没有时不误报"),
    "check_left_out": (
        "not labelled {open}, not sure {unsure}, contested {contested}",
        "未标注 {open}，不确定 {unsure}，有分歧 {contested}",
    ),
    "check_disputed": ("Disputed pictures: {count}", "有争议的图片：{count} 张"),
    "check_shown": ("The first {count} are shown.", "显示前 {count} 张。"),
    "check_no_dispute": ("Nobody disputes the judge.", "没有人与判定器意见不同。"),
    "check_caption": (
        "{what} · people: {people} · {judge}: {said}",
        "{what} · 人：{people} · {judge}：{said}",
    ),
    "check_rate_zero": ("{rate}", "{n} 中 0，低于 {high:.1f} %"),
    "check_rate": ("{rate}", "{percent:.1f} %（{low:.1f}–{high:.1f}，{n} 中 {k}）"),
}
