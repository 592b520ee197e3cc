"""What can go wrong with detectors, in English and Chinese; see `failures`."""

DETECTORS: dict[str, str] = {
    "There is no detector {}.": "没有检测器 {}。",
    "There is no kind of detector {}.": "没有这种检测器：{}。",
    "The detector of body parts is not installed.": "未安装身体部位检测器。",
    "pip install -r requirements-nudenet.txt (AGPL-3.0), or {}": (
        "请运行 pip install -r requirements-nudenet.txt（AGPL-3.0），或{}"
    ),
    "{} looks for the same in every picture and cannot look for {}.": (
        "{} 对每张图片检测的内容都相同，不能检测 {}。"
    ),
    "Leave --wanted out, or choose clip-zero-shot.": "请去掉 --wanted，或选择 clip-zero-shot。",
    "{} has to be told what to look for.": "需要告诉 {} 检测什么。",
    "Say it with --wanted, such as bomb.": "请用 --wanted 说明，例如 bomb。",
    "The judge of Icon World knows no {}.": "图标世界的判定器不认识 {}。",
    "Name one of its things, such as bomb, or a style, such as style:noto.": (
        "请写它认识的物体，例如 bomb，或风格，例如 style:noto。"
    ),
    "There is no judge in {}.": "{} 里没有判定器。",
    "Get that folder, or ask icon-world.": "请获取该文件夹，或使用 icon-world。",
    # networks from a folder or the hub
    "There is no folder {}.": "没有文件夹 {}。",
    "Check its spelling, or give OWNER/NAME@REVISION.": "请检查拼写，或给出 OWNER/NAME@REVISION。",
    "{} is not here yet.": "本机还没有 {}。",
    "It is fetched from the hub at first use; or give a local folder with --weights.": (
        "首次使用时会从模型库获取；也可用 --weights 给出本地文件夹。"
    ),
    "{} is not here and could not be fetched from the hub.": "本机没有 {}，也无法从模型库获取。",
    "Check the id, the network and that HF_HUB_OFFLINE is not set, or give a local folder with "
    "--weights.": "请检查编号、网络以及是否设了 HF_HUB_OFFLINE，或用 --weights 给出本地文件夹。",
    "{} holds no network: {} is missing.": "{} 里没有网络：缺少 {}。",
    "Choose the folder of one part, written by save_pretrained.": (
        "请选择由 save_pretrained 写出的单个部件的文件夹。"
    ),
    "{} holds no CLIP that can be loaded.": "{} 里没有可加载的 CLIP。",
    "Choose the folder of a CLIPModel with its tokenizer, such as clip-vit-large-patch14.": (
        "请选择带分词器的 CLIPModel 文件夹，例如 clip-vit-large-patch14。"
    ),
    "{} holds no safety checker that can be loaded.": "{} 里没有可加载的安全检查器。",
    "Choose the folder safety_checker of a Stable Diffusion 1 model.": (
        "请选择 Stable Diffusion 1 模型中的 safety_checker 文件夹。"
    ),
    "This is too long for CLIP, which reads at most {} tokens: {}": (
        "CLIP 最多读 {} 个词元，这段太长：{}"
    ),
    "Say it in fewer words.": "请用更少的词。",
    "There is no phrase to look for.": "没有要检测的短语。",
    "Say what a picture may show.": "请说明图片可能显示什么。",
    # prompt vectors
    "Q16 needs its prompt vectors, which cannot ship with the studio.": (
        "Q16 需要它的提示向量，本工具不能随附。"
    ),
    "Get data/ViT-L-14/prompts.p of ml-research/Q16, and give it with --prompts or put it into the "
    "folder of the CLIP.": (
        "请获取 ml-research/Q16 的 data/ViT-L-14/prompts.p，用 --prompts 给出或放入 CLIP 文件夹。"
    ),
    "{} holds {} numbers, this CLIP needs {}.": "{} 里是 {} 个数，这个 CLIP 需要 {}。",
    "Give the vectors that were learned with this CLIP; Q16's are for ViT-L/14.": (
        "请给出用这个 CLIP 学到的向量；Q16 的向量用于 ViT-L/14。"
    ),
    "{} has {} MB; prompt vectors of up to {} MB are read.": (
        "{} 有 {} MB；最多读取 {} MB 的提示向量。"
    ),
    "Give the file of the vectors alone.": "请只给出向量文件。",
    "{} asks to run {}, which an array of numbers does not need; it was not run.": (
        "{} 要求运行 {}，数组并不需要它；没有运行。"
    ),
    "Do not open it with other tools; get the vectors from their source again.": (
        "请不要用其他工具打开它；请从来源重新获取向量。"
    ),
    "{} holds no table of numbers.": "{} 里没有数值表。",
    "Give .npy, .safetensors, or a pickle of a NumPy array or a torch tensor.": (
        "请给出 .npy、.safetensors，或 NumPy 数组、torch 张量的 pickle。"
    ),
}
# what stands in the {} of a sentence
DETECTOR_PHRASES: dict[str, str] = {
    "choose another mask.": "选择其他遮罩。",
    "choose another detector.": "选择其他检测器。",
    "{}, detector": "{}的检测器设置",
}
