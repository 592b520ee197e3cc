"""What families of prompts and scores are called in a report."""

# (English, 中文), then what they are
FAMILIES: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "direct": (("direct", "直接"), ("name in new sentences", "新句子里直接说出名字")),
    "paraphrase": (("paraphrase", "改写"), ("longer sentences, name kept", "更长的句子，保留名字")),
    "synonym": (("other names", "别名"), ("synonyms and generic terms", "同义词和上位词")),
    "indirect": (("indirect", "间接"), ("other names or a description", "别名或描述，不说名字")),
    "compound": (("together", "组合"), ("with another object", "与另一物体一起")),
    "typo": (("misspelt", "拼写错误"), ("letters swapped, left out", "字母颠倒或缺失")),
    "language": (("other languages", "其他语言"), ("the name translated", "翻译后的名字")),
    "neighbours": (("look-alikes", "相似物"), ("what breaks most easily", "最容易被误伤的东西")),
    "others": (("other objects", "其他物体"), ("far from what is removed", "与去除内容无关")),
    "styles": (("styles", "风格"), ("the style that was asked for", "所要求的风格")),
}
# parts of the names of scores
SCORES: dict[str, str] = {
    "feature distance": "特征距离",
    "text match": "图文匹配",
    "judge features": "判定器特征",
    "CLIP score": "CLIP 分数",
    "Icon World": "图标世界",
}
