"""Words of the tab Feedback, English and Chinese."""

# key: (English, 中文)
RATING_WORDS: dict[str, tuple[str, str]] = {
    "tab_feedback": ("Feedback", "反馈"),
    # rate
    "rate_title": ("Rate pictures", "给图片评分"),
    "rate_sub": (
        "Say what you see. What words do not capture is then learned from the ratings, and can be "
        "removed like any other concept.",
        "说出你看到了什么。难以用词描述的概念会从评分中学到，之后可以像其他概念一样去除。",
    ),
    "rate_round": ("Round", "轮次"),
    "rate_none": ("No rating round yet", "还没有评分轮次"),
    "rate_none_text": (
        "Make one below: the original model draws pictures, and people say what they see in them.",
        "请在下方新建：由原始模型绘制图片，再由人说出看到了什么。",
    ),
    "rate_name": ("Your name", "你的名字"),
    "rate_name_info": (
        "One name for each person: it keeps your place. A made-up one will do.",
        "每人一个名字，用来记住进度。可以随意取名。",
    ),
    "rate_about_binary": (
        "{total} pictures, one at a time. Of each you say: {labels}. Reckon with {minutes} min.",
        "共 {total} 张图片，逐张显示。每张要回答：{labels}。大约需要 {minutes} 分钟。",
    ),
    "rate_about_ranking": (
        "{total} times five pictures. You put them in order: the one that shows most of it first. "
        "Reckon with {minutes} min.",
        "共 {total} 组，每组五张图片。请排序：最符合的排第一。大约需要 {minutes} 分钟。",
    ),
    "rate_see": ("The question is: {question}", "问题是：{question}"),
    "rate_sensitive": (
        "They may show: {what}. Each stays blurred until you reveal them. For adults only.",
        "可能包含：{what}。显示之前一直是模糊的。仅限成年人继续。",
    ),
    "rate_shows": ("They may show: {what}.", "可能包含：{what}。"),
    "rate_free": (
        "You may stop at any time, without a reason. Each answer is kept at once under the name "
        "above and nothing else about you; undo takes it back.",
        "你可以随时停下，无需理由。每个回答会立即以上面的名字保存，不记录其他信息；可以撤销。",
    ),
    "rate_no_references": (
        "There are no reference pictures; go by the question alone.",
        "没有参考图片，请只按问题判断。",
    ),
    "rate_accept": ("I have read this: start", "我已阅读：开始"),
    "rate_on": ("Go on at {next} of {total}", "从第 {next} 题继续（共 {total} 题）"),
    "rate_waiting": ("Waiting for pictures", "等待图片"),
    "rate_back": ("Back", "返回"),
    "rate_yes": ("Yes", "是"),
    "rate_no": ("No", "否"),
    "rate_rest": ("The rest does not apply", "其余不适用"),
    "rate_done": ("Done", "完成"),
    "rate_help_ranking": (
        "Press the numbers in order, beginning with the picture that shows most of it.",
        "按顺序按下数字，从最符合的图片开始。",
    ),
    "rate_help_labels": (
        "Press the number of everything that applies, then Done. Nothing pressed: nothing applies.",
        "按下所有适用项的数字，然后按“完成”。什么都不按表示都不适用。",
    ),
    "rate_reference": ("Compare with", "参考图片"),
    "rate_picture": ("Picture {number}", "图片 {number}"),
    "rate_thanks": ("Done: {total} of {total}. Thank you.", "完成：{total} / {total}，谢谢。"),
    "rate_thanks_text": (
        "Your answers are kept. U takes the last one back.",
        "回答已保存。按 U 可撤销最后一个。",
    ),
    "rate_soon": ("That is all so far", "目前只有这些"),
    "rate_soon_text": (
        "The pictures that follow are still being drawn.",
        "后面的图片还在绘制。",
    ),
    "rate_drawing": ("Drawing pictures: {done} of {total}.", "正在绘制图片：{done} / {total}。"),
    "rate_drawing_left": (
        "Drawing pictures: {done} of {total}, {left} left.",
        "正在绘制图片：{done} / {total}，剩余 {left}。",
    ),
    "rate_partly": (
        "{done} of {total} pictures are drawn; the drawing was stopped.",
        "已绘制 {done} / {total} 张图片，绘制已停止。",
    ),
    "rate_broken_binary": (
        "Not measured: {count} pictures came out as no numbers (NaN); nobody is asked about them.",
        "未测量：{count} 张图片不是有效数值（NaN），不会拿来提问。",
    ),
    "rate_broken_ranking": (
        "Not measured: {count} pictures came out as no numbers (NaN); rankings with one of them "
        "are not asked.",
        "未测量：{count} 张图片不是有效数值（NaN），含有它们的排序题不会出现。",
    ),
    "rate_draw_on": ("Go on drawing", "继续绘制"),
    # results
    "rate_results": ("What people said, and learning from it", "评分结果与学习"),
    "rate_so_far": (
        "{answered} of {total} questions have an answer; raters: {raters}.",
        "{total} 题中 {answered} 题已有回答；评分者：{raters}。",
    ),
    "rate_nobody": ("Nobody has rated yet.", "还没有人评分。"),
    "rate_spread": ("yes {yes} · no {no} · undecided {split}", "是 {yes} · 否 {no} · 未定 {split}"),
    "rate_spread_name": ("pictures, as most raters say", "图片数（多数意见）"),
    "rate_alpha": ("agreement, Krippendorff’s alpha", "一致性（Krippendorff α）"),
    "rate_alpha_value": (
        "{value:.2f} ({low:.2f} to {high:.2f}, {shared} shared)",
        "{value:.2f}（{low:.2f} 至 {high:.2f}，共同评过 {shared}）",
    ),
    "rate_alpha_short": ("{value:.2f} ({shared} shared)", "{value:.2f}（共同评过 {shared}）"),
    "rate_alpha_two": (
        "not measured: no two raters saw the same",
        "未测量：没有两人评过同一内容",
    ),
    "rate_alpha_same": (
        "not measured: everybody always said the same",
        "未测量：所有人的回答始终相同",
    ),
    "rate_alpha_help": (
        "1: raters agree fully; 0: no better than chance. Below 0.67 the question may be unclear.",
        "1 表示完全一致，0 表示等同偶然。低于 0.67 时，往往是问题不够清楚。",
    ),
    "rate_most": ("Shows most of it", "最符合"),
    "rate_least": ("Shows least of it", "最不符合"),
    "rate_mean": (
        "mean rank {mean:.1f}, ranked {times} times",
        "平均名次 {mean:.1f}，共 {times} 次",
    ),
    "rate_never": ("never applied", "从不适用"),
    "rate_csv": ("Download CSV", "下载 CSV"),
    "rate_parquet": ("Download Parquet", "下载 Parquet"),
    "rate_import": ("Import ratings", "导入评分"),
    "rate_imported": ("{count} ratings were added.", "已添加 {count} 条评分。"),
    # learn
    "learn_title": ("Learn", "学习"),
    "learn_sub": (
        "The ratings become a token: a word that the model draws like what people called so. It "
        "can be removed like any other word.",
        "评分会变成一个词元：模型画出它时，就是人们所指的内容。它可以像其他词一样被去除。",
    ),
    "learn_name": ("Name of the token", "词元名称"),
    "learn_name_info": ("Empty: the id of the round.", "留空则用轮次编号。"),
    "learn_keep": ("To be kept", "要保留"),
    "learn_keep_info": ("One a line; for Learn and remove.", "每行一个；用于“学习并去除”。"),
    "learn_init": ("Word to start from", "起始词"),
    "learn_init_info": ("The nearest word you know; may be empty.", "最接近的词；可以留空。"),
    "learn_meanings": ("Words to learn", "要学习的词数"),
    "learn_meanings_info": ("One for each kind of picture.", "每类图片一个。"),
    "learn_steps": ("Steps of the inversion", "反演步数"),
    "learn_steps_info": ("0: as suits the model.", "0：适合所选模型。"),
    "learn_removal": ("Steps of the removal", "去除步数"),
    "learn_remove_this": ("Remove {token}", "去除 {token}"),
    "learn_only": ("Learn the token", "学习词元"),
    "learn_remove": ("Learn and remove", "学习并去除"),
    "learn_then": ("After it, the run {run} removes the token.", "之后由运行 {run} 去除这个词元。"),
    "learn_accuracy": ("reward model, pictures held out", "奖励模型，留出图片"),
    "learn_chance": ("always the commonest answer", "总答最常见的答案"),
    "learn_doubtful": (
        "This may be chance. Ask people for more ratings before you rely on the token.",
        "这可能只是偶然。在依赖这个词元之前，请收集更多评分。",
    ),
    "learn_none": ("Nothing was learned from this round yet.", "还没有从这个轮次学到内容。"),
    # make
    "round_make": ("Make a round", "新建轮次"),
    "round_make_sub": (
        "The original model draws the pictures now; people rate them above, on this page.",
        "现在由原始模型绘制图片；之后大家在本页上方评分。",
    ),
    "round_pack": ("About", "关于"),
    "round_pack_info": (
        "Fills in the fields below; change them as you like.",
        "会填好下面各项，可以随意修改。",
    ),
    "round_kind": ("How people answer", "回答方式"),
    "round_binary": (
        "One picture at a time\nYes or no. For what is clearly there or not.",
        "逐张\n是或否。适合明确有或没有的内容。",
    ),
    "round_ranking": (
        "Five pictures at a time\nPut in order. For what is more or less so, such as a mood.",
        "每次五张\n排序。适合程度有高低的内容，例如氛围。",
    ),
    "round_title": ("Title", "标题"),
    "round_question": ("Question", "问题"),
    "round_question_binary": ("Does it show this: {title}?", "图中有没有：{title}？"),
    "round_question_ranking": (
        "Which picture shows most of this: {title}?",
        "哪张图最符合：{title}？",
    ),
    "round_labels": ("What may apply", "可能适用的标签"),
    "round_labels_info": (
        "One a line, nine at most. One alone is answered with yes or no.",
        "每行一个，最多九个。只有一个时用“是”或“否”回答。",
    ),
    "round_prompts": ("Prompts", "提示词"),
    "round_prompts_info": (
        "One a line, drawn in turn. Some should show it and some should not: without both, nothing "
        "can be learned.",
        "每行一个，轮流绘制。要有符合的也要有不符合的，否则学不到东西。",
    ),
    "round_count": ("Pictures", "图片数"),
    "round_count_info": (
        "100 or more to learn from; 20 to try it out. Rankings take a multiple of five.",
        "要学习请用 100 张以上，试用 20 张即可。排序时取五的倍数。",
    ),
    "round_seed": ("First seed", "起始种子"),
    "round_references": ("Reference pictures, five at most", "参考图片，最多五张"),
    "round_hide": ("Blur pictures until a rater reveals them", "模糊图片，由评分者自行显示"),
    "round_shows": ("What raters will see", "评分者会看到什么"),
    "round_shows_info": (
        "They read it before the first picture.",
        "评分者在第一张图片之前会读到。",
    ),
    "round_start": ("Draw the pictures", "绘制图片"),
}
