"""What can be wrong with what comes in, in English and Chinese; see `failures`."""

INCOMING: dict[str, str] = {
    # files
    "{} is no path.": "{} 不是路径。",
    "Check its spelling.": "请检查拼写。",
    "{} cannot be read: it is no file, but a folder, a pipe or a device.": (
        "{} 无法读取：它不是文件，而是文件夹、管道或设备。"
    ),
    "Give a file.": "请给出一个文件。",
    "{} cannot be read: there is no such file.": "{} 无法读取：没有这个文件。",
    "{} has {} MB; files of this kind are read up to {} MB.": (
        "{} 有 {} MB；这类文件最多读取 {} MB。"
    ),
    "Take out the part that you need.": "请只取出需要的部分。",
    "{} is a zip archive, not a text.": "{} 是 zip 压缩包，不是文本。",
    "Unpack it, and give the file inside.": "请解压后给出里面的文件。",
    "{} is no UTF-8 text.": "{} 不是 UTF-8 文本。",
    "Save it as UTF-8, then try again.": "请另存为 UTF-8 后再试。",
    # weights
    "Merge it into its model with the program that made it, or train it as a plain LoRA.": (
        "请用制作它的程序把它合并进模型，或训练成普通的 LoRA。"
    ),
    "Train it without the text encoder, or merge it into its model with the program that made "
    "it.": "请在训练时不带文本编码器，或用制作它的程序把它合并进模型。",
    "Save it again with the program that made it.": "请用制作它的程序重新保存。",
    "Give the folder that peft wrote, with both files under their names.": (
        "请给出 peft 写的文件夹，两个文件都保留原名。"
    ),
    "Convert it to a plain LoRA with peft, or merge it into its model.": (
        "请用 peft 转换成普通的 LoRA，或合并进模型。"
    ),
    "{} is damaged, or no .safetensors file: {}.": "{} 已损坏，或不是 .safetensors 文件：{}。",
    "Get the file again.": "请重新获取这个文件。",
    "{} holds numbers that are not finite.": "{} 含有非有限的数值。",
    "Train it again, or get another.": "请重新训练，或换一个。",
    # pictures
    "{} is no picture that can be read.": "{} 不是可读取的图片。",
    "Take it out of the folder, or save it again as PNG, JPEG, WebP or BMP.": (
        "请把它移出文件夹，或另存为 PNG、JPEG、WebP 或 BMP。"
    ),
    "The picture {} cannot be used: {}.": "图片 {} 不能使用：{}。",
    "Take it out of the folder, or save it again as a plain PNG or JPEG.": (
        "请把它移出文件夹，或另存为普通的 PNG 或 JPEG。"
    ),
    # drawing
    "{} of {} pictures came out as no numbers (NaN), such as of {}; they are no pictures.": (
        "{1} 张图片中有 {0} 张的结果不是数值（NaN），例如 {2}；它们不算图片。"
    ),
    "{} of {} pictures came out as no numbers (NaN).": (
        "{1} 张图片中有 {0} 张的结果不是数值（NaN）。"
    ),
    "A part of the model, an adapter or a learned word holds numbers that overflow: leave them out "
    "one by one to find which, or get it again.": (
        "模型的某个部分、适配器或学到的词含有会溢出的数值：请逐个去掉以找出是哪一个，或重新获取。"
    ),
    "{} is broken: it answers with no numbers (NaN) before any training.": (
        "{} 已损坏：还没有训练，它给出的就不是数值（NaN）。"
    ),
    "{} pictures are too many for one drawing.": "{} 张图片对一次绘制来说太多。",
    "A prompt has {} letters: {}.": "有一条提示词长达 {} 个字符：{}。",
    "No model reads more than {}; shorten it.": "没有模型会读超过 {} 个字符；请缩短。",
    "A prompt holds a hidden letter: {}.": "有一条提示词含有隐藏字符：{}。",
    "Type it anew, letter by letter.": "请逐字重新输入。",
    "{} letters are too many for one axis.": "{} 个字符对一个轴来说太多。",
    "A name holds a hidden letter: {}.": "名称含有隐藏字符：{}。",
    "Type it anew.": "请重新输入。",
    "{} is no seed.": "{} 不是种子。",
    "Choose a whole number from 0 to {}.": "请选择 0 到 {} 的整数。",
    "This is no name of a person.": "这不是人名。",
    "Give a shorter one, in letters.": "请用较短的文字。",
    "The answers of {} are damaged.": "{} 的判定结果已损坏。",
    # adapters of other programs
    "The adapter {} cannot be used: {}.": "适配器 {} 不能使用：{}。",
    "{} is no adapter of this model: {}.": "{} 不是这个模型的适配器：{}。",
    "The folder {} holds several adapters.": "文件夹 {} 里有多个适配器。",
    "Give the path of one of the files.": "请给出其中一个文件的路径。",
    "The adapter in {} is pickled (.bin), which could run programs.": (
        "{} 里的适配器是 pickle 格式（.bin），可能会运行程序。"
    ),
    "Save it as .safetensors with the program that made it.": (
        "请用制作它的程序另存为 .safetensors。"
    ),
    "Two different columns are called {}.": "有两个不同的列都叫 {}。",
    "Give one of the files or folders another name.": "请给其中一个文件或文件夹换个名称。",
    "{} joins more than {} adapters.": "{} 组合了超过 {} 个适配器。",
    "Take some of them out.": "请去掉其中一些。",
}
INCOMING_PHRASES: dict[str, str] = {
    # adapters
    "it is a LoHa of LyCORIS: {}": "它是 LyCORIS 的 LoHa：{}",
    "it is a LoKr of LyCORIS: {}": "它是 LyCORIS 的 LoKr：{}",
    "it is a GLoRA of LyCORIS: {}": "它是 LyCORIS 的 GLoRA：{}",
    "it is a LoCon with Tucker decomposition of LyCORIS: {}": (
        "它是 LyCORIS 带 Tucker 分解的 LoCon：{}"
    ),
    "it is an OFT: {}": "它是 OFT：{}",
    "it is an IA3: {}": "它是 IA3：{}",
    "it is a difference of whole weights of LyCORIS: {}": "它是 LyCORIS 的整个权重之差：{}",
    "it is a DoRA in kohya's format, whose scale stock diffusers leaves out: {}": (
        "它是 kohya 格式的 DoRA，而标准 diffusers 会丢掉其中的缩放：{}"
    ),
    "it is a LoRA of embeddings: {}": "它是嵌入层的 LoRA：{}",
    "it is a Control-LoRA: {}": "它是 Control-LoRA：{}",
    "{} of its {} tensors change a text encoder, such as {}, and adapters change only the denoiser "
    "here": "它的 {1} 个张量中有 {0} 个改动文本编码器，例如 {2}，而这里的适配器只改动去噪网络",
    "{} stands in it twice": "其中 {} 出现了两次",
    "{} of its {} tensors are of no LoRA, such as {}": (
        "它的 {1} 个张量中有 {0} 个不属于 LoRA，例如 {2}"
    ),
    "{} of its {} tensors are of no full weights, such as {}": (
        "它的 {1} 个张量中有 {0} 个不属于全部权重，例如 {2}"
    ),
    "it holds nothing": "它是空的",
    "{} has one half of a pair only": "{} 只有成对张量中的一半",
    "only {} of its {} places say their alpha": "它的 {1} 处中只有 {0} 处写明了 alpha",
    "only {} of its {} places have a magnitude": "它的 {1} 处中只有 {0} 处有幅度向量",
    "only {} of its {} places have a bias": "它的 {1} 处中只有 {0} 处有偏置",
    "its settings and its tensors disagree on DoRA": "它的设置与张量在 DoRA 上不一致",
    "{} of the {} places that it changes are not there, such as {}": (
        "它改动的 {1} 处中有 {0} 处在这里不存在，例如 {2}"
    ),
    "it changes one place under two names": "它以两个名称改动同一处",
    "{} has the sides {}, {} are needed": "{} 的形状是 {}，需要 {}",
    "{} says its alpha in two ways, or as no number": "{} 的 alpha 写了两遍，或不是数值",
    "its settings give {} the rank {}, its tensors have {}": (
        "它的设置给 {} 的秩是 {}，而张量的秩是 {}"
    ),
    "{} has the alpha {}, which is no strength": "{} 的 alpha 是 {}，这不是强度",
    "its rank and alpha stand in {}, which does not lie beside it": (
        "它的秩和 alpha 写在 {} 里，而它旁边没有这个文件"
    ),
    "the settings in {} cannot be read": "{} 里的设置无法读取",
    "it is a {} of peft": "它是 peft 的 {}",
    "it asks peft for {}": "它要求 peft 提供 {}",
    "peft says {}": "peft 说 {}",
    "peft took {} of its {} places": "peft 只接受了它的 {1} 处中的 {0} 处",
    "{} is of the kind {}": "{} 的类型是 {}",
    "{} is a single number": "{} 是单个数值",
    "lists within lists go deeper than {}": "列表嵌套超过 {} 层",
    "*{} stands for nothing, or for itself": "*{} 没有指代，或指代自己",
    "the key {} stands twice": "键 {} 出现了两次",
    "it stands for more than {} values": "它代表的值超过 {} 个",
    "a value is not possible": "有一个值不可能成立",
    "at most {} letters are allowed": "最多 {} 个字符",
    "small letters, digits and - are needed": "只能用小写字母、数字和 -",
    "it holds the hidden letter {}": "它含有隐藏字符 {}",
    "it is no text of letters": "它不是由字符组成的文字",
    "a text is needed; put it in quotation marks": "要文字，请加引号",
    "at most {} entries are allowed": "最多 {} 项",
    "a list is needed": "要列表",
    "keys with values are needed": "要带值的键",
    "true or false is needed": "要 true 或 false",
    "a number with an end is needed": "要有限的数值",
    "its name must be a text": "它的名称必须是文字",
    "it asks to run {}": "它要求运行 {}",
    "it says that its header has {} bytes, but it has {} itself": (
        "它自称文件头有 {} 字节，而它自己只有 {} 字节"
    ),
    "its header is longer than {} MB": "文件头超过 {} MB",
    "its notes are no texts": "它的附注不是文字",
    "a name stands twice in its header": "文件头里有名称出现两次",
    "its header is no JSON": "文件头不是 JSON",
    "a tensor lacks its kind, its sides or its place": "有张量缺少类型、形状或位置",
    "it holds numbers of the unknown kind {}": "它含有未知类型 {} 的数值",
    "sides and places must be whole numbers from 0 on": "形状和位置必须是从 0 起的整数",
    "a tensor does not have the bytes that its sides need": "有张量的字节数与形状不符",
    "its tensors overlap, or leave a gap": "张量互相重叠，或留有空隙",
    "it ends before its last tensor, or long after": "文件在最后一个张量之前结束，或多出内容",
    "it has {} MB, at most {} are read": "它有 {} MB，最多读取 {} MB",
    "{} x {} pixels, at most {} million fit": "{} x {} 像素，最多 {} 百万像素",
    "it claims more pixels than any picture has": "它自称的像素比任何图片都多",
    "it moves": "它是动图",
    "its pixels are of the kind {}, not 8 bits a colour": "它的像素类型是 {}，不是每色 8 位",
    "File exists": "文件已存在",
    "Is a directory": "它是文件夹",
    "File name too long": "文件名太长",
    "No such file or directory": "没有这个文件或文件夹",
    "This drawing": "这次绘制",
    "Your pack": "你的概念包",
    "it lies outside the folder": "它在文件夹之外",
    "the row is too long": "这一行太长",
}
