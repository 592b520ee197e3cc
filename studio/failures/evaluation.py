"""Failures of evaluations in Chinese; joined in `studio.failures`."""

EVALUATION_SENTENCES: dict[str, str] = {
    "There is no protocol {}.": "没有评测方案 {}。",
    "This protocol asks a list of prompts that is not shipped: {}.": (
        "这个方案要用未随附的提示词列表：{}。"
    ),
    "Give your own copy with --prompt-file.": "请用 --prompt-file 给出你自己的副本。",
    "The adapter {} is not there.": "找不到适配器 {}。",
    "Check the path of its file.": "请检查文件路径。",
    "The adapter {} changed since this evaluation began.": "评测开始后，适配器 {} 变了。",
    "Start a new evaluation, so that all its pictures are of one model.": (
        "请开始新的评测，使所有图片出自同一个模型。"
    ),
    "{} is no evaluation: its evaluation.yaml cannot be read.": (
        "{} 不是评测：读不到它的 evaluation.yaml。"
    ),
    "Choose another evaluation, or delete this folder.": "选择其他评测，或删除这个文件夹。",
    "There is no evaluation {}.": "没有评测 {}。",
    "Choose one from the list of evaluations.": "请从评测列表中选择。",
    "This evaluation is still at work.": "这个评测还在进行。",
    "Stop it, or wait for its end.": "请停止它，或等它结束。",
    "This evaluation is done.": "这个评测已经完成。",
    "Start a new one to measure again.": "要再次测量，请开始新的评测。",
    "The evaluation ended without a message.": "评测没有留下信息就结束了。",
    "Resume it: pictures that are there are not drawn again.": ("请继续它：已有的图片不会重画。"),
    "One of the processes of this evaluation ended without a message.": (
        "这个评测的一个进程没有留下信息就结束了。"
    ),
    "The evaluation broke: {}: {}": "评测出错：{}：{}",
    "Close other programs that use the GPU, then resume the evaluation.": (
        "请关闭占用 GPU 的其他程序，然后继续评测。"
    ),
    "Nothing is named that could be evaluated.": "没有写明要评测什么。",
    "Name a pack or a run, or give --resume.": "请写概念包或运行，或给出 --resume。",
    "{} is neither a run nor a pack.": "{} 既不是运行也不是概念包。",
    "There is no aggregation {}.": "没有汇总方式 {}。",
    "Training seeds must be named once each.": "每个训练种子必须各给出一次。",
    "Give them as in: --seeds 0 1 2.": "例如：--seeds 0 1 2。",
    "There is no benchmark {}.": "没有基准测试 {}。",
    "None of the packs removes {}.": "这些概念包都不去除 {}。",
    "Name concepts of the packs of the table.": "请填写该表所用概念包里的概念。",
    "{} was not trained: {}": "{} 没有训练完成：{}",
    "The table {} was not made: {}": "表 {} 没有完成：{}",
}
EVALUATION_PHRASES: dict[str, str] = {
    "{}, sample": "{}的采样设置",
    "country_body.txt of nannullna/safe-diffusion, 50 lines": (
        "nannullna/safe-diffusion 的 country_body.txt，共 50 行"
    ),
    "the csv of AIML-TUDA/i2p, 4703 rows": "AIML-TUDA/i2p 的 csv，共 4703 行",
    "a list such as the sexual rows of AIML-TUDA/i2p": "例如 AIML-TUDA/i2p 中 sexual 类的行",
    "a list of captions of MS-COCO": "MS-COCO 描述的列表",
}
