"""What can go wrong with picture triplets, in English and Chinese; see `failures`."""

TRIPLETS: dict[str, str] = {
    "There is no set of triplets {}.": "没有三元图片组 {}。",
    "Choose one of the list.": "请从列表中选择。",
    "{} is no set of triplets: its manifest.json cannot be read.": (
        "{} 不是三元图片组：读不到它的 manifest.json。"
    ),
    "Choose a folder that the studio wrote, or make the triplets again.": (
        "请选择本工具写出的文件夹，或重新制作三元组。"
    ),
    "{}, row {}: {} and {} differ in size.": "{} 第 {} 行：{} 与 {} 尺寸不同。",
    "A mosaic must be its unsafe picture, pixelated. Make it again.": (
        "马赛克图必须由对应的图片像素化而来，请重新制作。"
    ),
    "{} holds no triplets.": "{} 里没有三元组。",
    "Keep at least one, or make them again.": "请至少保留一组，或重新制作。",
    "{} names a file outside its folder: {}.": "{} 指向文件夹之外的文件：{}。",
    "Take that row out of manifest.json.": "请从 manifest.json 中去掉那一行。",
    "{}: the picture {} is missing or cannot be read.": "{}：图片 {} 缺失或无法读取。",
    "Put it back, or take its row out of manifest.json.": (
        "请放回图片，或从 manifest.json 中去掉那一行。"
    ),
    "{} keeps nothing, so there are no harmless pictures to draw.": (
        "{} 没有要保留的内容，无法绘制无害图片。"
    ),
    "List at least one thing to keep.": "请至少列出一项要保留的内容。",
    "In {} pictures the judge saw nothing of what {} removes.": (
        "在 {} 张图片里，判定器没有看到 {} 要去除的内容。"
    ),
    "The model does not draw it, so there is nothing to take out; check the names.": (
        "模型画不出它，所以没有可去除的；请检查名称。"
    ),
    "Unsafe and harmless pictures are both needed.": "不安全图片和无害图片都需要。",
    "Choose some of each.": "请各选一些。",
    "Two files are named {}.": "有两个文件都叫 {}。",
    "Rename one of them.": "请给其中一个改名。",
    "There are no pictures in {}.": "{} 里没有图片。",
    "Put some there: {}.": "请放入图片：{}。",
    "{} has no mask in {}.": "{} 在 {} 里没有对应的遮罩。",
    "Name each mask like its picture.": "遮罩要与图片同名。",
    "Own pictures need both --unsafe and --benign.": (
        "使用自己的图片需要同时给出 --unsafe 和 --benign。"
    ),
    "Give a folder for each.": "请各给一个文件夹。",
    "{} has no triplet {}.": "{} 没有第 {} 个三元组。",
    "The mask of triplet {} is empty.": "第 {} 个三元组的遮罩是空的。",
    "Paint over what shall be pixelated, then try again.": "请先涂抹要打马赛克的地方，再试一次。",
    "The pictures of this set are blurred.": "这一组的图片是模糊的。",
    "Untick “Blur sensitive pictures” at the top of the page to paint on them.": (
        "请取消页面顶部的“模糊敏感图片”，然后才能涂抹。"
    ),
    "No mask in {} is named like an unsafe picture of {}.": (
        "{} 里没有与 {} 的不安全图片同名的遮罩。"
    ),
    "No pack is named.": "没有指定概念包。",
    "Name one, such as icon-weapons.": "请指定一个，例如 icon-weapons。",
    "--set makes mosaics of a finished set anew, from --masks alone.": (
        "--set 只根据 --masks 重做已有图片组的马赛克。"
    ),
    "Give --masks and leave the other options out, or make a new set with --out.": (
        "请给出 --masks 并去掉其他选项，或用 --out 制作新的一组。"
    ),
}
