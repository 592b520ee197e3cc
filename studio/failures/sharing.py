"""What can go wrong where the studio is shown to strangers, in English and Chinese."""

SHARING: dict[str, str] = {
    "{} pictures a minute are what each visitor gets here.": "这里每位访客每分钟最多 {} 张图片。",
    "Many visitors are drawing here just now.": "现在有很多访客在绘制。",
    "Draw again in {} seconds.": "请在 {} 秒后再绘制。",
    "The password has fewer than {} letters.": "密码少于 {} 个字符。",
    "Set a longer {}, or none: then one is made up.": (
        "请把 {} 设得更长，或不设：那样会自动生成一个。"
    ),
    "The prompt has more than {} letters.": "提示词超过 {} 个字符。",
    "Shorten it.": "请缩短。",
    "At most {} steps are drawn here.": "这里最多绘制 {} 步。",
    "Ask for fewer steps.": "请减少步数。",
    "The seed is not between 0 and {}.": "种子不在 0 到 {} 之间。",
    "Change it.": "请修改。",
    "This run is not shown here.": "这里不展示这个运行。",
    "A public link shows the shared studio only.": "公开链接只能展示共享工作室。",
    "Leave --no-shared out; to work from afar, use --host with a login.": (
        "请去掉 --no-shared；要远程工作，请用 --host 并登录。"
    ),
    "The port is taken, or the address is not this machine's.": (
        "端口被占用，或地址不属于这台机器。"
    ),
    "Choose another --port or --host, or end the program that uses it.": (
        "请换一个 --port 或 --host，或结束占用它的程序。"
    ),
    "{} is no path at which a proxy shows the studio.": "{} 不是代理展示工作室所用的路径。",
    "Write it as in the browser, such as /proxy/7860, or the whole address, https://...": (
        "请按浏览器中的样子填写，例如 /proxy/7860，或完整地址 https://..."
    ),
    "No public link could be opened.": "无法打开公开链接。",
    "Check the network, or use --host where others reach this machine.": (
        "请检查网络，或在他人可访问这台机器时使用 --host。"
    ),
    "{} checks failed.": "{} 项检查未通过。",
    "Do what the lines marked fail say.": "请按标为失败的各行处理。",
    "{} is not pinned: what the hub hands out under a name can change.": (
        "{} 没有固定版本：模型库中同一名称的内容可能改变。"
    ),
    "Write OWNER/NAME@REVISION with the 40 letters of a commit; the hub lists them under "
    "Files and versions.": (
        "请写成 OWNER/NAME@REVISION，即 40 位提交编号；在模型库的 Files and versions 中可查到。"
    ),
}
