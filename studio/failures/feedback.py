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
}
