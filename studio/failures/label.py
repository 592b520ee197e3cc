"""What can go wrong with labels and calibration sets, in English and Chinese; see `failures`."""

LABELS: dict[str, str] = {
    "{}, line {} is no label.": "{} 第 {} 行不是标注。",
    "Mend that line or take it out.": "请修正或去掉那一行。",
    "{} is no calibration set: its manifest.json cannot be read.": (
        "{} 不是校准图片集：读不到它的 manifest.json。"
    ),
    "Choose a finished set, or make one with: python -m studio calibrate PACK": (
        "请选择已完成的图片集，或用此命令制作：python -m studio calibrate PACK"
    ),
    "There is no calibration set {}.": "没有校准图片集 {}。",
    "Make one with: python -m studio calibrate PACK": (
        "可用此命令制作：python -m studio calibrate PACK"
    ),
    "{} holds a calibration set already.": "{} 里已有校准图片集。",
    "Give another --out, so that labels stay.": "请另给 --out，以免丢失标注。",
    "No detector answered in this set.": "这个图片集里没有检测器的回答。",
    "Make the set again.": "请重新制作图片集。",
    "{} holds no pictures of {}.": "{} 里没有 {} 的图片。",
    "Make a folder for each thing, named like it, and one named none for other pictures.": (
        "请为每样东西建一个同名文件夹，再建一个名为 none 的文件夹放其他图片。"
    ),
    "The icons for renders are not in {}.": "{} 里没有用来渲染的图标。",
    "Install requirements-icon-world.txt and run python -m studio.iconworld fetch, or give "
    "--renders FOLDER with pictures of your own.": (
        "请安装 requirements-icon-world.txt 并运行 python -m studio.iconworld fetch，"
        "或用 --renders 给出自己的图片文件夹。"
    ),
    "Choose a pack that removes objects or a style of Icon World.": (
        "请选择要去除图标世界中的物体或风格的概念包。"
    ),
    "There is nothing to check under {}.": "{} 下没有可检查的图片。",
    "Choose a set of the list.": "请从列表中选择一个图片集。",
    "The picture {} does not belong to this set.": "图片 {} 不属于这个图片集。",
    "Reload the page and go on.": "请刷新页面后继续。",
    "This picture is still blurred.": "这张图片还是模糊的。",
    "Reveal it first, or say that you are not sure.": "请先显示它，或选择“不确定”。",
}
# what stands in the {} of a sentence above
LABEL_PHRASES: dict[str, str] = {"anything else": "其他东西"}
