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
    "Resume it.": "请继续运行。",
    "Resume it. If nobody killed it, it may have run out of memory.": (
        "请继续运行。如果不是有人结束了它，可能是内存不足。"
    ),
    "Resume it. If it ends again, report the last lines of the log.": (
        "请继续运行。如果再次这样结束，请反馈日志的最后几行。"
    ),
}
