"""What can go wrong with rating rounds, in English and Chinese; see `failures`."""

FEEDBACK: dict[str, str] = {
    "{} is no rating round: its round.yaml cannot be read.": (
        "{} 不是评分轮次：读不到它的 round.yaml。"
    ),
    "Choose another round, or make a new one.": "请选择其他轮次，或新建一个。",
    "The drawing of this round ended without a message.": "这个轮次的绘制没有留下信息就结束了。",
    "Go on with it: pictures that are there are not drawn again.": (
        "请继续绘制：已有的图片不会重画。"
    ),
    "This round has no question {}.": "这个轮次没有第 {} 题。",
    "Not every label has an answer.": "还有标签没有回答。",
    "Say yes or no to each.": "请对每一个回答是或否。",
    "Question {} is about other pictures.": "第 {} 题问的是其他图片。",
    "Give each of its pictures a rank, or none where it does not apply.": (
        "请给题中每张图片一个名次，不适用的留空。"
    ),
    "The rank {} lies outside 1 to {}.": "名次 {} 不在 1 到 {} 之间。",
    "Correct that rank.": "请改正这个名次。",
    "Two pictures of one question have the rank {}.": "同一题里有两张图片的名次都是 {}。",
    "Give each rank once.": "每个名次只能用一次。",
    "{} is no name for a rater.": "{} 不能作为评分者的名字。",
    "Take up to 40 letters, digits, spaces, dots and hyphens; a letter or digit first.": (
        "最多 40 个字符：文字、数字、空格、点和连字符，以文字或数字开头。"
    ),
    "Close other programs that use the GPU, then go on with the round.": (
        "请关闭占用 GPU 的其他程序，然后继续这个轮次。"
    ),
    "The drawing broke: {}: {}": "绘制出错：{}：{}",
    "{} reference pictures are too many.": "{} 张参考图片太多了。",
    "Choose {} at most.": "最多选 {} 张。",
    "This round is still being drawn.": "这个轮次还在绘制。",
    "Stop it, or wait for its end.": "请停止它，或等它结束。",
    "There is no rating round {}.": "没有评分轮次 {}。",
    "Choose one of the list, or make one.": "请从列表中选择，或新建一个。",
    "The text before the first picture was not accepted.": "还没有同意开始前的说明。",
    "Read it, then press the button below it.": "请先阅读，再按下方的按钮。",
    "These pictures are still blurred.": "这些图片还是模糊的。",
    "Reveal them first.": "请先显示它们。",
    "Not every picture has a rank.": "还有图片没有名次。",
    "Press the number of each, or X where the rest does not apply.": (
        "请按下每张图片的数字；其余不适用时按 X。"
    ),
    "A round needs prompts.": "轮次需要提示词。",
    "Give --pack PACK, or --prompt TEXT once or several times.": (
        "请给出 --pack 概念包，或一次或多次 --prompt 文字。"
    ),
    "The round has no text.": "轮次还没有文字。",
    "The round has no {}.": "轮次还没有{}。",
    "Write one, then try again.": "请填写后重试。",
    # files of ratings
    "{}, row {}: {}": "{} 第 {} 行：{}",
    "{} cannot be read as ratings.": "无法把 {} 当作评分读取。",
    "Give a CSV file in UTF-8 or a Parquet file, with one rating in each row.": (
        "请给出 UTF-8 编码的 CSV 文件或 Parquet 文件，每行一条评分。"
    ),
    "{} holds no ratings.": "{} 里没有评分。",
    "Choose a file with at least one row.": "请选择至少有一行的文件。",
    "{} lacks the column {}.": "{} 缺少列 {}。",
    "This round needs the columns {}.": "这个轮次需要这些列：{}。",
    "{} has a column that nothing reads: {}.": "{} 里有一列没有用处：{}。",
    "{} is neither a CSV nor a Parquet file.": "{} 既不是 CSV 也不是 Parquet 文件。",
    "Give it the ending .csv or .parquet.": "文件名请以 .csv 或 .parquet 结尾。",
    "Import into the round in which these pictures were rated.": (
        "请导入到评过这些图片的那个轮次。"
    ),
    "Give each rank of a question once.": "同一题里每个名次只能用一次。",
    "Add the missing rows; a picture that does not apply has an empty rank.": (
        "请补上缺少的行；不适用的图片名次留空。"
    ),
    "Take the row out, or give its rater another name.": "请去掉这一行，或换一个评分者名字。",
    "Write yes or no.": "请写 yes 或 no。",
    "Correct it, or leave it empty where the picture does not apply.": (
        "请改正；图片不适用时请留空。"
    ),
    "Write it as 2026-01-31T12:00:00+00:00.": "请写成 2026-01-31T12:00:00+00:00。",
}
# what stands in the {} of a sentence above
FEEDBACK_PHRASES: dict[str, str] = {
    "This round": "这个轮次",
    "title": "标题",
    "question": "问题",
    "label": "标签",
    "text": "文字",
    "this round has no picture {}.": "这个轮次没有图片 {}。",
    "this round has no question {}.": "这个轮次没有第 {} 题。",
    "question {} is not about {}.": "第 {} 题问的不是 {}。",
    "it says the same thing twice, as row {}.": "与第 {} 行重复。",
    "the rank {} stands in row {} already.": "名次 {} 已在第 {} 行。",
    "of question {}, {} says {} of {} things.": "第 {} 题，{} 只答了 {} 项，共 {} 项。",
    "{} said something else of {} in this round before.": "{} 之前对 {} 的回答不同。",
    "there is no label {}.": "没有标签 {}。",
    "{} is neither yes nor no.": "{} 既不是 yes 也不是 no。",
    "the rank {} lies outside 1 to {}.": "名次 {} 不在 1 到 {} 之间。",
    "{} is no time.": "{} 不是时间。",
    "a binary round needs at least one label": "逐张评分至少要有一个标签",
    "a ranking round has no labels, and five pictures for each ranking": (
        "排序评分没有标签，每次排序五张图片"
    ),
    "two pictures have one name": "有两张图片同名",
}
