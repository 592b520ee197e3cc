"""Who was shown pictures of a world it does not know, in English and Chinese; see `failures`."""

WORLDS: dict[str, str] = {
    "{} knows the pictures of Icon World alone, and {} draws others: it would see nothing in them, "
    "and call everything gone.": (
        "{} 只认识图标世界的图片，而 {} 画的是别的：它什么也认不出，会把一切都算作已去除。"
    ),
    "Ask another with --detector, such as {}; python -m studio detectors says what each looks for "
    "and needs.": (
        "请用 --detector 换一个，例如 {}；python -m studio detectors 会说明各自检测什么、需要什么。"
    ),
    "The protocol {} asks for each thing of Icon World in each of its styles, which only its judge "
    "tells apart; {} is no model of Icon World.": (
        "协议 {} 要求图标世界的每种物体、每种风格，只有它的判定器能分辨；{} 不是图标世界的模型。"
    ),
    "Use a protocol with a list of your own, such as coco or body with --prompt-file, or "
    "--protocol icon-world with one of: {}.": (
        "请使用自备列表的协议，例如带 --prompt-file 的 coco 或 body，"
        "或用 --protocol icon-world 加以下检测器之一：{}。"
    ),
    "The judge of Icon World knows the pictures of Icon World alone: {}.": (
        "图标世界的判定器只认识图标世界的图片：{}。"
    ),
    "Give pictures of Icon World, {} x {}, or ask another: {}.": (
        "请给出图标世界的图片（{} x {}），或换用：{}。"
    ),
    "The judge of Icon World knows the pictures of Icon World alone.": (
        "图标世界的判定器只认识图标世界的图片。"
    ),
    "Ask clip-score, or give Inception's weights for KID and FID; see docs/quality.md.": (
        "请使用 clip-score，或为 KID 和 FID 提供 Inception 权重；见 docs/quality.md。"
    ),
    "There is no judge {}.": "没有判定器 {}。",
    "Write judge: icon-world, or leave the judge out.": ("请写 judge: icon-world，或不写 judge。"),
    "Half of a calibration set would be icons, and {} draws no icons.": (
        "校准图片集有一半会是图标，而 {} 不画图标。"
    ),
    "Give pictures of your own with --renders: a folder for each thing, and one named none.": (
        "请用 --renders 给出自己的图片：每种物体一个文件夹，另有一个名为 none。"
    ),
    "icon-match knows the pictures of Icon World alone, and {} draws others.": (
        "icon-match 只认识图标世界的图片，而 {} 画的是别的。"
    ),
    "Ask --scorer clip-score instead; it needs a CLIP in --scorer-weights.": (
        "请改用 --scorer clip-score；它需要 --scorer-weights 里的 CLIP。"
    ),
}
FOREIGN = "{} learned from photographs; what it says of icons is not measured."
WORLDS[FOREIGN] = "{} 是用照片训练的；它对图标的判断没有测量过。"
NOT_LOOKED_INTO = (
    "{} was not looked into: it is not on this machine yet, or not all of it; it is fetched at "
    "first use."
)
WORLDS[NOT_LOOKED_INTO] = "没有检查 {}：它还不在（或不全在）这台机器上，首次使用时获取。"
WORLD_PHRASES: dict[str, str] = {
    "{} was drawn by {}": "{} 由 {} 绘制",
    "{} has {} pixels and does not say who drew it": "{} 为 {} 像素，且没有写明由谁绘制",
}
