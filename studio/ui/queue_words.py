"""Texts of the queue, of viewers and of what is done with runs, English and Chinese."""

# key: (English, 中文)
QUEUE_WORDS: dict[str, tuple[str, str]] = {
    "queue_title": ("Queue", "队列"),
    "queue_sub": (
        "One at a time on each device; drawings go first. It lasts when the studio ends.",
        "每个设备一次只做一项，绘图优先。关闭本工具后队列仍在。",
    ),
    "queue_empty": ("Nothing is at work and nothing waits.", "没有进行中或等待中的任务。"),
    "queue_paused": (
        "Paused: nothing that waits begins, drawings apart.",
        "已暂停：等待中的任务不会开始，绘图除外。",
    ),
    "queue_pause": ("Pause the queue", "暂停队列"),
    "queue_go_on": ("Go on", "继续"),
    "queue_beside": (
        "Draw at once, beside what is at work (needs memory for both)",
        "立即绘图，与正在进行的任务并行（需要两份内存）",
    ),
    "queue_up": ("Move up", "上移"),
    "queue_down": ("Move down", "下移"),
    "queue_cancel": ("Cancel", "取消"),
    "queue_far": ("{step} of {total}", "{step} / {total}"),
    "work_train": ("Training", "训练"),
    "work_evaluate": ("Test", "测试"),
    "work_draw": ("Drawing", "绘图"),
    "work_triplets": ("Triplets", "三元组"),
    "work_calibrate": ("Calibration set", "校准图片"),
    "work_judge": ("Judging", "评判"),
    "work_rate": ("Pictures to rate", "待评分图片"),
    "behind": ("Waiting: the queue is paused.", "等待中：队列已暂停。"),
    "behind_train": ("Waiting behind “{title}”{far}.", "排在“{title}”之后{far}。"),
    "behind_evaluate": (
        "Waiting behind the test of “{title}”{far}.",
        "排在“{title}”的测试之后{far}。",
    ),
    "behind_draw": ("Waiting behind pictures that are drawn.", "排在其他绘图之后。"),
    "behind_triplets": (
        "Waiting behind triplets of “{title}”.",
        "排在“{title}”的三元组之后。",
    ),
    "behind_calibrate": (
        "Waiting behind a calibration set of “{title}”.",
        "排在“{title}”的校准图片之后。",
    ),
    "behind_judge": ("Waiting behind the judging of “{title}”.", "排在“{title}”的评判之后。"),
    "behind_rate": (
        "Waiting behind pictures to rate of “{title}”.",
        "排在“{title}”的待评分图片之后。",
    ),
    "behind_step": (" (step {step} of {total})", "（第 {step} / {total} 步）"),
    "behind_pictures": (" ({step} of {total} pictures)", "（{step} / {total} 张）"),
    "viewer": (
        "Another studio works on this runs folder, so this one only shows it: nothing can be "
        "started, stopped, drawn or deleted here. It takes over by itself when the other one ends.",
        "另一个工作室正在使用这个运行文件夹，这里只能查看：不能开始、停止、绘制或删除。"
        "另一个结束后，这里会自动接管。",
    ),
    "rename": ("Rename", "改名"),
    "clone": ("Clone", "复制"),
    "resume": ("Resume", "恢复"),
    "name": ("Name", "名称"),
    "save_name": ("Save the name", "保存名称"),
    "clone_info": (
        "The same settings; change what you like. It waits in the queue.",
        "设置相同，可以修改；会进入队列等待。",
    ),
    "clone_start": ("Add to the queue", "加入队列"),
    "resumed": ("It is in the queue again.", "已重新进入队列。"),
    "cloned": ("Added to the queue: {run}", "已加入队列：{run}"),
    "cancel_back": ("Never mind", "算了"),
}
