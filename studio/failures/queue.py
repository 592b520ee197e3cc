"""What can go wrong in the queue and with runs in it, in English and Chinese; see `failures`."""

QUEUE: dict[str, str] = {
    "Another studio works on this runs folder; this one only shows it.": (
        "另一个工作室正在使用这个运行文件夹，这里只能查看。"
    ),
    "Use the other one, or end it and do this again.": "请使用另一个，或结束它后重试。",
    "{} cannot be moved further.": "{} 不能再移动。",
    "Only what waits has a place in the queue.": "只有等待中的任务可以调整顺序。",
    "This work was taken out of the queue.": "这项任务已从队列中移出。",
    "Start it again if it is still wanted.": "如果仍然需要，请重新开始。",
    "Another process works for {} already.": "另一个进程已经在处理 {}。",
    "Wait for its end, or give another --out.": "等它结束，或换一个 --out。",
    "Wait for its end, or stop it first.": "等它结束，或先停止它。",
    "{} is no direction.": "{} 不是方向。",
    "Write up or down.": "请写 up 或 down。",
    "Nothing was deleted.": "没有删除任何内容。",
    "Add --yes to delete without being asked.": "加上 --yes 可不经询问直接删除。",
    "This run is done.": "这个运行已完成。",
    "Clone it to train again.": "要再次训练，请复制它。",
    "A run needs a name.": "运行需要一个名称。",
    "Write one, then save it.": "请填写后再保存。",
    "Choose one of your own.": "请选择自己的运行。",
}
