"""What can go wrong with learned words, in English and Chinese; see `failures`."""

TOKENS: dict[str, str] = {
    "{} holds a word of {} vectors; a prompt has room for {}.": (
        "{} 里的词有 {} 个向量；一条提示词只放得下 {} 个。"
    ),
    "Choose a token with fewer vectors.": "请选择向量较少的词。",
    "{} holds numbers as large as {}, with which no text encoder can reckon.": (
        "{} 含有大到 {} 的数值，文本编码器无法用它计算。"
    ),
    # ratings
    "All pictures got the same answer, so there is no difference to learn.": (
        "所有图片得到的回答都相同，没有差别可学。"
    ),
    "Rate pictures of both kinds; draw some with other prompts if there are none.": (
        "请对两类图片都评分；没有的话，用其他提示词再画一些。"
    ),
    "Only {} pictures were rated; nothing can be learned from fewer than {}.": (
        "只评了 {} 张图片；少于 {} 张学不到东西。"
    ),
    "The reward model finds no picture that likely shows it.": (
        "奖励模型没有找到很可能包含它的图片。"
    ),
    "Rate more pictures, or draw some that show more of it.": (
        "请多评一些图片，或画一些更明显的图片。"
    ),
    "Rate more pictures, then learn again.": "请多评一些图片，再重新学习。",
    "The picture {} was rated, but is not in the round.": "图片 {} 有评分，但不在这一轮里。",
    "Take its ratings out, or put the picture back.": "请去掉它的评分，或把图片放回去。",
    "{} cannot be read as ratings.": "{} 不能作为评分读取。",
    "Export the ratings again, or mend the file.": "请重新导出评分，或修正这个文件。",
    "{} holds no reward model that can be read.": "{} 里没有能读取的奖励模型。",
    "Start the inversion again.": "请重新开始反演。",
    "{} is not the one that looked at the rated pictures.": "看过评分图片的不是这个 {}。",
    "Learn the token again.": "请重新学习词元。",
    # tokens
    "There is no rating round {}.": "没有评分轮次 {}。",
    "Choose one of the Feedback tab, or give the folder of a round.": (
        "请在反馈页选择一个，或给出一轮的文件夹。"
    ),
    "There is a token <{}> already.": "已经有词元 <{}>。",
    "Give the new one another name.": "请给新的换个名字。",
    "There is no token {}.": "没有词元 {}。",
    "Learn it from a rating round. There are: {}.": "请从一轮评分中学习它。现有：{}。",
    "There is no token at {}.": "{} 处没有词元。",
    "Choose a finished inversion, or another file.": "请选择完成的反演，或其他文件。",
    "{} holds no token.": "{} 里没有词元。",
    "Choose a textual-inversion .safetensors file, with one word in it.": (
        "请选择只含一个词的 textual inversion .safetensors 文件。"
    ),
    "The token {} has vectors of length {}, this model of {}.": (
        "词元 {} 的向量长度是 {}，这个模型的是 {}。"
    ),
    "Choose a token that was learned on the same base model.": "请选择在同一基础模型上学得的词元。",
    "{} reads prompts twice, and learned tokens know one reader.": (
        "{} 用两个文本编码器读提示词，而学得的词元只适用于一个。"
    ),
    "Choose a model of the Stable Diffusion 1 or 2 family.": (
        "请选择 Stable Diffusion 1 或 2 系列的模型。"
    ),
    "The token {} was not learned: the run {} did not finish.": (
        "词元 {} 没有学成：运行 {} 没有完成。"
    ),
    "Look there for the reason, learn the token again, then start this run again.": (
        "请在那里查看原因，重新学习词元，然后再次开始这个运行。"
    ),
    "The run {} learned no token {}.": "运行 {} 没有学过词元 {}。",
    "It learned: {}.": "它学的是：{}。",
    "{} removes the token {}, but does not say where it comes from.": (
        "{} 要去除词元 {}，但没有说明它从哪里来。"
    ),
    "Put it under tokens, with the run that learned it or its file.": (
        "请在 tokens 下写明学它的运行或它的文件。"
    ),
}
