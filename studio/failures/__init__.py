"""Failures in the reader's language.

Services, worker and drawer say in English what happened and what to do. Here each such sentence is
recognised by its shape, and said in Chinese with the same names and numbers. A test collects every
sentence the studio can raise and asks for its Chinese.
"""

import re
from functools import cache

from studio.failures.detector import DETECTOR_PHRASES, DETECTORS
from studio.failures.ending import ENDING_PHRASES, ENDINGS
from studio.failures.evaluation import EVALUATION_PHRASES, EVALUATION_SENTENCES
from studio.failures.feedback import FEEDBACK, FEEDBACK_PHRASES
from studio.failures.incoming import INCOMING, INCOMING_PHRASES
from studio.failures.label import LABEL_PHRASES, LABELS
from studio.failures.model import MODEL_PHRASES, MODEL_SENTENCES
from studio.failures.prompt import PROMPT_PHRASES, PROMPT_SENTENCES
from studio.failures.quality import QUALITY
from studio.failures.queue import QUEUE
from studio.failures.report import REPORTS
from studio.failures.sharing import SHARING
from studio.failures.storage import STORAGE
from studio.failures.token import TOKENS
from studio.failures.triplet import TRIPLETS
from studio.failures.world import WORLD_PHRASES, WORLDS

# English, {} for what varies: 中文, with the same {} in the same order or numbered
SENTENCES: dict[str, str] = {
    # runs
    "There is no run {}.": "没有运行 {}。",
    "Choose one from the list of runs.": "请从运行列表中选择。",
    "The example run belongs to the studio.": "随附的示例运行属于本工具，不能删除。",
    "Delete one of your own.": "可以删除自己的运行。",
    "This run is still at work.": "这个运行还在进行。",
    "Stop it first, then delete it.": "先停止，再删除。",
    "{} is no run of this studio: its config.yaml cannot be read.": (
        "{} 不是本工具的运行：读不到它的 config.yaml。"
    ),
    "Choose another run, or delete this folder.": "选择其他运行，或删除这个文件夹。",
    "The run's status cannot be read.": "读不到这个运行的状态。",
    "Delete it.": "请删除它。",
    "Nothing can be written in {}: {}.": "无法写入 {}：{}。",
    "Choose another folder (--runs-dir or --out), or make room on the disk.": (
        "请选择其他文件夹（--runs-dir 或 --out），或清理磁盘。"
    ),
    "Choose another folder.": "请选择其他文件夹。",
    "The training process ended without a message.": "训练进程没有留下信息就结束了。",
    "Start it again.": "请重新开始。",
    "The memory ran out.": "内存不足。",
    "Choose a smaller batch, or close other programs.": "减小批大小，或关闭其他程序。",
    "The memory of the GPU ran out.": "显存不足。",
    "Choose a smaller batch or rank, or close other programs that use the GPU.": (
        "减小批大小或秩，或关闭占用 GPU 的其他程序。"
    ),
    "A file could not be written or read: {}.": "有文件无法读写：{}。",
    "Make room on the disk or choose another folder, then start again.": (
        "清理磁盘或选择其他文件夹，然后重新开始。"
    ),
    "The training broke: {}: {}": "训练出错：{}：{}",
    "This is a mistake in the studio. The log has the details; please report it.": (
        "这是本工具的错误，详情见日志，请反馈给我们。"
    ),
    "The {} is no longer a number since step {}.": "从第 {1} 步起，{0} 不再是数值。",
    "Start again with half the learning rate.": "把学习率减半，重新开始。",
    # packs and settings
    "{} is broken{}: {}.": "{} 的格式有误{}：{}。",
    "Mend that line; indentation and quotes are the usual causes.": (
        "请修正那一行；常见原因是缩进和引号。"
    ),
    "Your pack has no name.": "你的概念包还没有名字。",
    "Your stack has no name.": "你的叠加方案还没有名字。",
    "The original alone is no stack.": "只有原始模型不算叠加方案。",
    "Choose a run or a guidance to keep under a name.": "请选择要命名保存的运行或引导方法。",
    **DETECTORS,
    "The detector found nothing in the pictures of {}.": "检测器在 {} 的图片中没有发现任何内容。",
    "Give masks of your own, or cover whole pictures.": "请提供自己的遮罩，或遮住整张图片。",
    "{} has no prompts of this kind.": "{} 没有这一类提示词。",
    "Ask another --kind, or all.": "请换一个 --kind，或全部。",
    "{} is no axis of a grid.": "{} 不是网格的轴。",
    "Write NAME=VALUE|VALUE with one of: {}.": "请写成 名称=值|值，名称可选：{}。",
    "The axis {} has no values.": "轴 {} 没有值。",
    "Part them with |.": "用 | 分隔各个值。",
    "The axis {} stands twice.": "轴 {} 出现了两次。",
    "Give each axis once.": "每个轴只能用一次。",
    "{} pictures are too many for one grid.": "{} 张图片对一个网格来说太多。",
    "Ask for {} at most.": "最多 {} 张。",
    "{} is no value for the axis {}.": "{} 不是轴 {} 的值。",
    "Write numbers, parted by commas.": "请写数字，用逗号分隔。",
    "The stack {} holds itself.": "叠加方案 {} 包含了自己。",
    "Take it out of itself.": "请从中去掉它自己。",
    "Give it one, then save it.": "请起个名字再保存。",
    "{} holds no keys.": "{} 里没有任何键。",
    "Start from one of the packs in presets/packs.": "请以 presets/packs 中的概念包为样本。",
    "{} has a key that nothing reads: {}.": "{} 里有一个没有用处的键：{}。",
    "Did you mean {}?": "是不是 {}？",
    "Take it out.": "请去掉它。",
    "{} lacks {}.": "{} 缺少 {}。",
    "Add it; the packs in presets/packs show how.": "请补上；可参考 presets/packs 中的概念包。",
    "{} removes nothing.": "{} 没有要去除的内容。",
    "Name at least one concept to remove.": "请至少写一个要去除的概念。",
    "{}: {} is not right: {}.": "{}：{} 不对：{}。",
    "Correct that value.": "请改正这个值。",
    "{} both removes and keeps {}.": "{} 既要去除又要保留 {}。",
    "Take it out of one of the two lists.": "请从其中一个列表中去掉它。",
    "There is no pack {}.": "没有概念包 {}。",
    "Choose one of: {}.": "可选：{}。",
    "{} cannot be read.": "无法读取 {}。",
    "Check the path, and that it is text.": "请检查路径，并确认它是文本文件。",
    "{} cannot be written: {}.": "无法写入 {}：{}。",
    "There is no method {}.": "没有方法 {}。",
    "There is no preset {}.": "没有预设 {}。",
    "The preset {} is for {}, not for {}.": "预设 {} 用于 {}，不能用于 {}。",
    "Leave the method or the preset out.": "请去掉方法或预设中的一个。",
    "There is no model {}.": "没有模型 {}。",
    "{} A diffusers folder, a .safetensors file or a hub id (OWNER/NAME@REVISION) will do too.": (
        "{} 也可以用 diffusers 文件夹、.safetensors 文件或模型库编号 (OWNER/NAME@REVISION)。"
    ),
    "A text was refused: it names minors and sexual content together.": (
        "有一段文字被拒绝：它把未成年人和性内容放在一起。"
    ),
    "Nothing is drawn for such texts. Take it out and go on.": "这类文字不会绘制。去掉后即可继续。",
    # guidance
    "There is no guidance {}.": "没有引导方法 {}。",
    "{} has no concept to hold down.": "{} 没有要压制的概念。",
    "Name at least one concept.": "请至少写一个概念。",
    "{} cannot act at guidance scale 1, where nothing can be steered.": (
        "引导强度为 1 时没有可引导的余地，{} 无法起作用。"
    ),
    "Choose a guidance scale above 1, or take the steering out.": (
        "请选择大于 1 的引导强度，或去掉引导。"
    ),
    "{} and {} change the same layers and would disturb each other.": (
        "{} 和 {} 改动了同样的层，会互相干扰。"
    ),
    "Take one of them, or train what both remove in one run.": (
        "只用其中一个，或在一次训练里去除两者的内容。"
    ),
    "{} is no column: {} is no weight.": "{} 不是有效的列：{} 不是权重。",
    "Write a number after the star.": "请在星号后写一个数。",
    "{} is neither a run nor a guidance.": "{} 既不是运行也不是引导方法。",
    "Choose a run, an adapter file, a stack file, original, or one of: {}.": (
        "请选择运行、适配器文件、组合文件、original，或以下之一：{}。"
    ),
    "{} joins two guidances.": "{} 组合了两个引导方法。",
    "One picture can be steered by one guidance.": "一张图片只能由一个引导方法引导。",
    # models and adapters
    "There is no model at {}.": "{} 处没有模型。",
    "Check the spelling of the folder or file.": "请检查文件夹或文件名的拼写。",
    "{} is a folder, but no diffusers model: model_index.json is missing.": (
        "{} 是文件夹，但不是 diffusers 模型：缺少 model_index.json。"
    ),
    "Choose a folder written by save_pretrained, or a .safetensors file.": (
        "请选择由 save_pretrained 写出的文件夹，或 .safetensors 文件。"
    ),
    "{} is not a .safetensors file, and pickled weights can run code.": (
        "{} 不是 .safetensors 文件，而 pickle 权重可能执行代码。"
    ),
    "Convert it to .safetensors, or give a diffusers folder.": (
        "请转换为 .safetensors，或给出 diffusers 文件夹。"
    ),
    "The model {} could not be loaded: {}": "无法加载模型 {}：{}",
    "Choose another folder, or get this one again.": "请选择其他文件夹，或重新获取这一个。",
    "A single file takes its words and settings from the hub: load it once with the network on and "
    "HF_HUB_OFFLINE not set, or give a diffusers folder.": (
        "单个文件要从模型库取得词表和设置：请在联网且未设 HF_HUB_OFFLINE 时加载一次，"
        "或给出 diffusers 文件夹。"
    ),
    "Check the id, the network and that HF_HUB_OFFLINE is not set, or download the model first and "
    "give its folder.": ("请检查编号、网络以及是否设了 HF_HUB_OFFLINE，或先下载模型再给出文件夹。"),
    "The studio cannot use the model {}: {}.": "本工具不能使用模型 {}：{}。",
    "Choose a text-to-image model of the Stable Diffusion 1, 2 or XL family.": (
        "请选择 Stable Diffusion 1、2 或 XL 系列的文生图模型。"
    ),
    "There is no adapter at {}.": "{} 处没有适配器。",
    "Choose a finished run, or another file.": "请选择已完成的运行，或其他文件。",
    "Choose an adapter that was trained on the same base model.": (
        "请选择在同一基础模型上训练的适配器。"
    ),
    "There is nothing to save yet.": "还没有可保存的内容。",
    "Draw something first.": "请先绘制。",
    "{} pictures do not fit on one sheet.": "{} 张图片放不进一张图。",
    "Take the zip instead.": "请改用 zip。",
    # drawing and judging
    "There is nothing to draw.": "没有可绘制的内容。",
    "Write a prompt, one a line.": "请写提示词，每行一个。",
    "This run has no adapter yet.": "这个运行还没有适配器。",
    "Wait for its first checkpoint, or choose another.": "请等它的第一个存档，或选择其他运行。",
    "The drawing process ended without a message; the memory may have run out.": (
        "绘制进程没有留下信息就结束了，可能是内存不足。"
    ),
    "Close other programs, or draw fewer pictures at once.": "请关闭其他程序，或一次少画几张。",
    "The drawing broke: {}": "绘制出错：{}",
    "Look at the log.": "请看日志。",
    "The prompt has {} tokens and this model reads at most {}: {} ...": (
        "提示词有 {} 个词元，而这个模型最多读 {} 个：{} ……"
    ),
    "Shorten it by {} tokens; most words are one or two.": (
        "请缩短 {} 个词元；多数词是一到两个词元。"
    ),
    "The judge of Icon World is missing.": "缺少图标世界的判定器。",
    "Get assets/icon-world-judge again.": "请重新获取 assets/icon-world-judge。",
    "{} has no judge, so nothing can be counted.": "{} 没有判定器，所以无法计数。",
    "Look at the pictures with compare, or judge a run on Icon World.": (
        "请用对比看图片，或评判图标世界上的运行。"
    ),
    "This run has no adapter.": "这个运行没有适配器。",
    "Choose a run that is done or was stopped.": "请选择已完成或已停止的运行。",
    **INCOMING,
    **LABELS,
    **MODEL_SENTENCES,
    **ENDINGS,
    **EVALUATION_SENTENCES,
    **FEEDBACK,
    **PROMPT_SENTENCES,
    **QUEUE,
    **REPORTS,
    **SHARING,
    **STORAGE,
    **TOKENS,
    **TRIPLETS,
    **QUALITY,
    **WORLDS,
}
# what stands in the {} of a sentence above
PHRASES: dict[str, str] = {
    **DETECTOR_PHRASES,
    **FEEDBACK_PHRASES,
    "This list": "这个列表",
    "Settings": "设置",
    "the file": "文件",
    "{}, method": "{}的方法设置",
    "{}, overrides": "{}的训练设置",
    "loss": "损失",
    "gradient": "梯度",
    " in line {}": "（第 {} 行）",
    "at least {} is needed": "至少要 {}",
    "more than {} is needed": "要大于 {}",
    "at most {} is allowed": "最多 {}",
    "less than {} is allowed": "要小于 {}",
    "a whole number is needed": "要整数",
    "a number is needed": "要数值",
    "one of {} is needed": "要以下之一：{}",
    "it must not be empty": "不能为空",
    "it paints into pictures (inpainting) or changes them": "它是局部重绘或改图模型",
    "it is made for {}": "它用于 {}",
    "it is the refiner of SDXL": "它是 SDXL 的精修模型",
    "its text encoder does not fit its denoiser": "它的文本编码器与去噪网络不匹配",
    "it predicts neither noise nor v": "它既不预测噪声也不预测 v",
    "No space left on device": "磁盘已满",
    "Permission denied": "没有权限",
    "Read-only file system": "文件系统只读",
    "Not a directory": "不是文件夹",
    **INCOMING_PHRASES,
    **LABEL_PHRASES,
    **MODEL_PHRASES,
    **ENDING_PHRASES,
    **EVALUATION_PHRASES,
    **PROMPT_PHRASES,
    **WORLD_PHRASES,
}


def told(sentence: str, lang: str) -> str:
    """A sentence of the studio in a language; as it is where no translation fits."""
    return (_translate(sentence, (SENTENCES,)) or sentence) if lang == "zh" else sentence


def _translate(text: str, tables: tuple[dict[str, str], ...]) -> str | None:
    for table in tables:
        for shape, chinese in _shapes(tuple(table.items())):
            found = shape.fullmatch(text)
            if found:
                inner = [_translate(g, (PHRASES, SENTENCES)) or g for g in found.groups()]
                return chinese.format(*inner)
    return None


@cache
def _shapes(pairs: tuple[tuple[str, str], ...]) -> list[tuple[re.Pattern[str], str]]:
    """Patterns, the most telling first: those with the most fixed letters."""
    found = sorted(pairs, key=lambda pair: -len(pair[0].replace("{}", "")))
    return [
        (re.compile("(.*?)".join(map(re.escape, english.split("{}"))), re.DOTALL), chinese)
        for english, chinese in found
    ]
