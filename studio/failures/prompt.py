"""Failures of prompt lists in Chinese; joined in `studio.failures`."""

PROMPT_SENTENCES: dict[str, str] = {
    "{}, line {}: the judge knows no {}.": "{} 第 {} 行：判定器不认识 {}。",
    "Put an object of Icon World after a tab, such as: a bomb on red<TAB>bomb.": (
        "请在制表符后写图标世界中的物体，例如：a bomb on red<TAB>bomb。"
    ),
    "{} holds no prompts.": "{} 里没有提示词。",
    "Write one prompt a line.": "请每行写一个提示词。",
    "The judge knows none of the things this pack removes.": "判定器不认识这个概念包要去除的内容。",
    "Name objects or styles of Icon World, or give a --prompt-file.": (
        "请写图标世界中的物体或风格，或给出 --prompt-file。"
    ),
    "{}, line {}: {}.": "{} 第 {} 行：{}。",
    "Mend that row or take it out, so that nothing is left out unseen.": (
        "请修正或去掉那一行，以免有内容被悄悄略过。"
    ),
    "{}, line {}: a quotation mark is opened and never closed.": "{} 第 {} 行：引号没有闭合。",
    "Write it twice where it belongs to the prompt, or take the header away, so that each line is "
    "one prompt.": "属于提示词的引号请写两遍，或去掉表头，让每行就是一个提示词。",
    "{} starts like JSON and breaks off in line {}.": "{} 开头像 JSON，但在第 {} 行出错。",
    "Mend that line, or write one prompt a line.": "请修正那一行，或每行写一个提示词。",
    "{} is JSON, but no list of prompts.": "{} 是 JSON，但不是提示词列表。",
    "Write a list of texts, of {concept: [prompts]}, or of rows with a prompt.": (
        "请写成文字列表、{{concept: [prompts]}} 的列表，或带有 prompt 的行的列表。"
    ),
    "{}: line {} looks like a header, and none of its columns is known to hold prompts.": (
        "{}：第 {} 行像表头，但没有一列是已知的提示词列。"
    ),
    'Name that column "prompt", or take the line away.': "请把那一列命名为 prompt，或去掉这一行。",
    "No row of {} can be read as a prompt.": "{} 中没有一行能读作提示词。",
    "Write one prompt a line, or name a column prompt.": (
        "请每行写一个提示词，或把一列命名为 prompt。"
    ),
    "{} is a Git LFS pointer, not the list itself.": "{} 是 Git LFS 指针，不是列表本身。",
    "Run git lfs pull in its repository, or download the file itself.": (
        "请在其仓库中运行 git lfs pull，或直接下载文件本身。"
    ),
}
# why a row was left out
PROMPT_PHRASES: dict[str, str] = {
    "empty prompt": "提示词为空",
    "the prompt is no text": "提示词不是文字",
    "the seed is no whole number": "种子不是整数",
    "the guidance is no number": "引导强度不是数值",
    "more cells than columns": "单元格比列多",
    "refused, minors and sexual content together": "拒绝：未成年人和性内容放在一起",
}
