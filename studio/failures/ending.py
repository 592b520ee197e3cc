"""How a process can end that could not say so itself, in English and Chinese; see `failures`."""

ENDINGS: dict[str, str] = {
    "The process ended without a message.": "进程没有留下信息就结束了。",
    "The process ended with exit code {} and said no more.": "进程以退出码 {} 结束，没有留下说明。",
    "The last lines of the log may say why. Resume it, or report them.": (
        "日志的最后几行可能说明原因。请继续运行，或把它们反馈给我们。"
    ),
    "The process crashed inside a library ({}, exit code {}).": (
        "进程在某个库内崩溃（{}，退出码 {}）。"
    ),
    "Resume it. If it crashes again, report the last lines of the log.": (
        "请继续运行。如果再次崩溃，请反馈日志的最后几行。"
    ),
    "The memory of this machine ran out, so the system ended the process ({}).": (
        "这台机器的内存不足，系统结束了进程（{}）。"
    ),
    "The process was ended from outside ({}, exit code {}).": "进程被外部结束（{}，退出码 {}）。",
    "It did not answer to Stop for {} seconds, so it was ended.": (
        "它在 {} 秒内没有响应“停止”，因此被结束。"
    ),
    "Resume it: it goes on from where it last saved.": "请继续运行：将从上次保存的地方接着进行。",
    "Resume it.": "请继续运行。",
    "Training full weights of these layers takes {} GB of memory, {} GB are free.": (
        "训练这些层的全部权重需要 {} GB 内存，空闲 {} GB。"
    ),
    "Train a LoRA, choose cross-attention alone, or use a machine with more memory.": (
        "请改为训练 LoRA、只选交叉注意力，或使用内存更大的机器。"
    ),
    "The state saved after {} steps holds other weights than this version trains.": (
        "第 {} 步之后保存的状态里的权重与本版本训练的不同。"
    ),
    "Make room on the disk, then draw again.": "请清理磁盘，然后重新绘制。",
    "Trained, but nothing changed: all numbers of the adapter are zero.": (
        "训练完成，但没有任何变化：适配器的数值全部为零。"
    ),
    "Try a higher learning rate or more steps, with the settings that suit the model.": (
        "请尝试更高的学习率或更多步数，并使用适合该模型的设置。"
    ),
    "Trained, but not measured: no detector looked at pictures from before and after.": (
        "训练完成，但没有测量：没有检测器查看训练前后的图片。"
    ),
    "Look at the samples, and judge the run before you rely on it.": (
        "请查看样图，并在依赖它之前先评测这个运行。"
    ),
    "Trained, but not measured: the original shows the target in 0 of {} pictures of the check.": (
        "训练完成，但没有测量：在检查的 {} 张图片中，原模型一张也没有出现目标内容。"
    ),
    "Choose probes in which the original shows it, or judge the run with more prompts.": (
        "请选择原模型会画出目标内容的探测提示词，或用更多提示词评测这个运行。"
    ),
    "Trained, but nothing changed: of the pictures of a check, {} of {} showed the target before "
    "and {} of {} after.": (
        "训练完成，但没有变化：检查的图片中，训练前有 {}/{} 张出现目标内容，训练后有 {}/{} 张。"
    ),
    "Try the settings that suit method and model, more steps, a higher learning rate, or "
    "another method.": "请尝试适合方法与模型的设置、更多步数、更高的学习率，或换一种方法。",
    "This run did not run out of memory.": "这个运行没有耗尽内存。",
    "Resume or clone it.": "请继续或复制它。",
    "Resume it; it goes on from step {}.": "请继续运行；将从第 {} 步接着训练。",
    "The GPU reported an error: {}": "GPU 报告了一个错误：{}",
    "Resume the run. If it happens again, start the computer anew.": (
        "请继续运行。如果再次发生，请重新启动电脑。"
    ),
    "None of the saved states of {} can be used: {}.": "{} 保存的状态都不能用：{}。",
    "Start a new run with the same settings; adapter and pictures of this one stay.": (
        "请用同样的设置新建一次运行；这个运行的适配器和图片仍会保留。"
    ),
    "The adapter {} is damaged: it is cut off or was changed.": (
        "适配器 {} 已损坏：文件不完整或被改动过。"
    ),
    "Put back a copy, resume or repeat its run, or choose another one. "
    "What was drawn with it before is still there.": (
        "请放回备份，继续或重做它的运行，或选择另一个。之前用它绘制的内容仍在。"
    ),
    "{} was stopped before states were saved.": "{} 停止时还没有保存状态。",
    "Start a new run with the same settings to train again.": (
        "要再次训练，请用同样的设置新建运行。"
    ),
    "The folder of {} was removed while it was at work.": "{} 的文件夹在运行时被删除了。",
    "Nothing of it is left; all other runs are as they were.": (
        "它的内容已不存在；其他运行不受影响。"
    ),
    "Resume it. If nobody killed it, it may have run out of memory.": (
        "请继续运行。如果不是有人结束了它，可能是内存不足。"
    ),
    "Resume it. If it ends again, report the last lines of the log.": (
        "请继续运行。如果再次这样结束，请反馈日志的最后几行。"
    ),
}
# what stands in the {} of a sentence above
ENDING_PHRASES: dict[str, str] = {
    "it cannot be read": "无法读取",
    "its checksum is not right": "校验和不对",
    "the settings of the run were changed": "运行的设置被改动过",
}
