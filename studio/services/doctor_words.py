"""What the doctor says, English and Chinese."""

# key: (English, 中文)
DOCTOR_WORDS: dict[str, tuple[str, str]] = {
    "ok": ("ok", "正常"),
    "warn": ("warn", "注意"),
    "fail": ("fail", "失败"),
    "studio": (
        "Safeguard Studio {studio}, Python {python}, {system}",
        "Safeguard Studio {studio}，Python {python}，{system}",
    ),
    "python_old": ("Python {python} is older than 3.11.", "Python {python} 低于 3.11。"),
    "python_old_fix": (
        "Make a new environment with Python 3.11 or later.",
        "请用 Python 3.11 或更新的版本新建环境。",
    ),
    "torch": ("torch {torch}, built for {build}", "torch {torch}，{build} 版"),
    "torch_none": ("torch cannot be used: {why}", "torch 无法使用：{why}"),
    "torch_none_fix": (
        "Install requirements.txt again into this environment.",
        "请在这个环境中重新安装 requirements.txt。",
    ),
    "card": (
        "GPU {name}, {free:.1f} of {total:.1f} GB free",
        "GPU {name}，{total:.1f} GB 中有 {free:.1f} GB 可用",
    ),
    "card_full": (
        "GPU {name} has {free:.1f} of {total:.1f} GB free.",
        "GPU {name} 的 {total:.1f} GB 中只剩 {free:.1f} GB。",
    ),
    "card_full_fix": (
        "End other programs that use the GPU, or choose a smaller batch.",
        "请结束占用 GPU 的其他程序，或减小批大小。",
    ),
    "no_card": (
        "No GPU; the studio draws and trains on the CPU with {threads} threads.",
        "没有 GPU；用 CPU 的 {threads} 个线程绘制和训练。",
    ),
    "no_card_fix": (
        "Icon World runs well like this. Larger models want a GPU and its CUDA build of torch.",
        "图标世界这样就够用；更大的模型需要 GPU 和 CUDA 版 torch。",
    ),
    "memory": ("{free:.1f} GB of memory free", "可用内存 {free:.1f} GB"),
    "memory_low": ("Only {free:.1f} GB of memory are free.", "可用内存只有 {free:.1f} GB。"),
    "memory_low_fix": ("Close other programs.", "请关闭其他程序。"),
    "disk": ("{free:.0f} GB of disk free for runs", "运行所在磁盘可用 {free:.0f} GB"),
    "disk_low": ("Only {free:.1f} GB of disk are free.", "磁盘只剩 {free:.1f} GB。"),
    "disk_low_fix": (
        "Make room, delete old runs, or choose another --runs-dir.",
        "请清理磁盘、删除旧运行，或换一个 --runs-dir。",
    ),
    "write": ("Runs can be written to {place}", "可以写入 {place}"),
    "write_not": ("Nothing can be written in {place}: {why}.", "无法写入 {place}：{why}。"),
    "write_not_fix": (
        "Let this user write there, or choose another --runs-dir.",
        "请允许当前用户写入，或换一个 --runs-dir。",
    ),
    "model": (
        "Model {name}: the headers of {files} weight files are whole",
        "模型 {name}：{files} 个权重文件的文件头完整",
    ),
    "model_bad": ("Model {name}: {why}", "模型 {name}：{why}"),
    "model_bad_fix": ("Get it again, or choose another folder.", "请重新获取，或选择其他文件夹。"),
    "model_away": (
        "Model {name} was not looked into: it is not on this machine yet, or not all of it; it is "
        "fetched at first use.",
        "没有检查模型 {name}：它还不在（或不全在）这台机器上，首次使用时获取。",
    ),
    "model_away_fix": (
        "Nothing, where the network is there; else give a local folder with --model.",
        "有网络则无需处理；否则请用 --model 给出本地文件夹。",
    ),
    "judge": ("The judge of Icon World can be asked", "图标世界的判定器可用"),
    "judge_bad": ("The judge of Icon World: {why}", "图标世界的判定器：{why}"),
    "judge_bad_fix": (
        "Get assets/icon-world-judge again.",
        "请重新获取 assets/icon-world-judge。",
    ),
    "world": ("Icon World has {count} things", "图标世界有 {count} 种物体"),
    "cards": ("{count} model cards can be read", "{count} 个模型卡片可读"),
    "packs": ("{count} packs can be read", "{count} 个概念包可读"),
    "detectors": (
        "Of {count} detectors these are ready: {ready}",
        "{count} 个检测器中可用的有：{ready}",
    ),
    "line": ("{count} works are at work or wait", "{count} 项工作进行中或在等待"),
    "part_bad": ("A part of the studio cannot be read: {why}", "本工具有一部分读不到：{why}"),
    "part_bad_fix": (
        "Get that file again; a damaged queue.sqlite may be moved away.",
        "请重新获取该文件；损坏的 queue.sqlite 可以移走。",
    ),
    "versions": (
        "{count} packages have the versions that were tested",
        "{count} 个软件包的版本与测试时一致",
    ),
    "version_other": (
        "{name} {found} is here, {wanted} was tested.",
        "{name} 现为 {found}，测试时为 {wanted}。",
    ),
    "version_none": (
        "{name} is not installed; {wanted} is needed.",
        "未安装 {name}；需要 {wanted}。",
    ),
    "version_fix": ("pip install -r requirements.txt", "pip install -r requirements.txt"),
    "port": ("Port {port} is free", "端口 {port} 可用"),
    "port_other": (
        "Port {wanted} is taken; {port} is free.",
        "端口 {wanted} 被占用；{port} 可用。",
    ),
    "port_other_fix": (
        "The studio takes the free one by itself; --port chooses another.",
        "本工具会自动使用可用端口；也可用 --port 指定。",
    ),
    "port_none": ("No port from {first} to {last} is free.", "{first} 到 {last} 没有可用端口。"),
    "port_none_fix": ("Choose another with --port.", "请用 --port 指定其他端口。"),
}
