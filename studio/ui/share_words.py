"""Words of the login, of the shared studio and of the doctor, English and Chinese."""

# key: (English, 中文)
SHARE_WORDS: dict[str, tuple[str, str]] = {
    "login_title": ("Log in", "登录"),
    "login_sub": ("Whoever started this studio can tell you name and password.",
                  "请向启动此工作室的人索取名称和密码。"),
    "login_name": ("Name", "名称"),
    "login_password": ("Password", "密码"),
    "login_enter": ("Come in", "进入"),
    "login_wrong": ("Name or password is wrong.", "名称或密码不正确。"),
    "login_wait": ("Too many wrong tries. Try again in {seconds} seconds.",
                   "错误次数过多，请在 {seconds} 秒后重试。"),
    "login_note": ("A cookie keeps you logged in for twelve hours. Nothing else is kept.",
                   "登录状态由 Cookie 保存十二小时，此外不保存任何内容。"),
    "shared_pill": ("Shared", "共享"),
    "shared_limits": (
        "Up to {pictures} pictures a minute, {steps} steps each. Your pictures are deleted from the "
        "server as soon as you have them.",
        "每分钟最多 {pictures} 张图片，每张最多 {steps} 步。图片发给你后即从服务器删除。"),
    "shared_covered": ("Blurred here: {why}", "此处已模糊：{why}"),
    "shared_sensitive": ("pictures of this pack may show {what}.", "这个概念包的图片可能含有{what}。"),
    "shared_open_model": ("this model can draw anything, and the prompt is your own.",
                          "这个模型什么都能画，而提示词是你自己写的。"),
    "shared_none": ("Nothing to compare yet", "还没有可对比的内容"),
    "shared_none_text": ("Runs appear here when they are finished.", "运行完成后会出现在这里。"),
    "shared_no_report": ("No finished report", "还没有完成的报告"),
    "shared_no_report_text": ("Reports appear here when their test is finished.",
                              "测试完成后报告会出现在这里。"),
    "shared_report": ("Report", "报告"),
    "shared_empty": ("Write a prompt and draw: original and safeguarded, from the same seed.",
                     "写一条提示词并绘制：原始模型与防护后模型，使用同一种子。"),
    "shared_slide": ("Move between original and safeguarded", "在原始与防护后之间滑动"),
    "shared_leave": ("Log out", "退出登录"),
    "doctor": ("Doctor: is everything here that a run needs?", "体检：运行所需的一切都在吗？"),
    "doctor_look": ("Look now", "现在检查"),
    "doctor_looking": ("Looking at torch, models, disk and ports", "正在检查 torch、模型、磁盘和端口"),
    "doctor_lines": ("What was found; the first word says how it stands", "检查结果；行首表示状态"),
}  # fmt: skip
