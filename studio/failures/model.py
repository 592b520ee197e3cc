"""What can be wrong with models that people bring, in English and Chinese; see `failures`."""

_MATCH = "请取同一个模型的权重和 config.json"
MODEL_SENTENCES: dict[str, str] = {
    # configs
    "{} says {} {}; {} is needed.": "{} 中 {} 是 {}；需要{}。",
    "Correct that file, or get the model again.": "请改正该文件，或重新获取模型。",
    "{} cannot be read: it is no JSON object.": "无法读取 {}：它不是 JSON 对象。",
    "{} cannot be read: it is no JSON, or lists stand too deep in it.": (
        "无法读取 {}：它不是 JSON，或列表嵌套过深。"
    ),
    "Get the model again.": "请重新获取模型。",
    "Get the model again, or choose another.": "请重新获取模型，或选择其他模型。",
    "{} could not be loaded: {}": "无法加载 {}：{}",
    # weights
    "{} lacks {} of {} tensors: {}.": "{} 缺少张量 {} 个（共 {} 个）：{}。",
    "Get the weights and config.json of the same model; missing ones are never made up.": (
        f"{_MATCH}；缺少的张量不会凭空补上。"
    ),
    "{} holds {} tensors that its network does not have: {}.": (
        "{} 含有 {} 个网络中没有的张量：{}。"
    ),
    "Get the weights and config.json of the same model.": f"{_MATCH}。",
    "In {} the tensor {} has {} numbers; its network needs {}.": (
        "{} 中的张量 {} 有 {} 个数；网络需要 {}。"
    ),
    "Two files of {} hold the tensor {}.": "{} 的两个文件都含有张量 {}。",
    "Get the model's files again.": "请重新获取模型的文件。",
    "The weights in {}/{} are quantised: {} holds {}.": "{}/{} 中的权重是量化的：{} 的类型是 {}。",
    "The weights of {} are quantised, which the studio does not read.": (
        "{} 的权重是量化的，本工具不读取。"
    ),
    "Get the model in full or half precision.": "请获取全精度或半精度的模型。",
    "{} has no .safetensors weights.": "{} 里没有 .safetensors 权重。",
    "Get {}.safetensors, or another folder.": "请获取 {}.safetensors，或选择其他文件夹。",
    "{} has no .safetensors weights, and pickled ones can run code: {}.": (
        "{} 没有 .safetensors 权重，而 pickle 权重可能执行代码：{}。"
    ),
    "Get the model as .safetensors, or write it anew with "
    "save_pretrained(safe_serialization=True).": (
        "请获取 .safetensors 格式的模型，或用 save_pretrained(safe_serialization=True) 重新写出。"
    ),
    "{} names no files with weights.": "{} 没有指明权重文件。",
    "{} names {}, which is no .safetensors file beside it.": (
        "{} 指向 {}，它不是同一文件夹中的 .safetensors 文件。"
    ),
    "Get the model's files again; other weights are never read.": (
        "请重新获取模型的文件；不会读取其他权重。"
    ),
    "{} is damaged, or holds no tensors.": "{} 已损坏，或不含张量。",
    # adapters in a model's place
    "{} is an adapter (LoRA), not a model.": "{} 是适配器（LoRA），不是模型。",
    "Name its base model here, and give the file as an adapter.": (
        "请在这里给出它的基础模型，并把该文件作为适配器给出。"
    ),
    "{} asks to load an adapter with the model.": "{} 要求随模型加载适配器。",
    "Take that file away, and give the adapter as an adapter.": (
        "请移走该文件，并把适配器作为适配器给出。"
    ),
    # words
    "{} holds no words: vocab.json and merges.txt, or tokenizer.json, are missing.": (
        "{} 里没有词表：缺少 vocab.json 和 merges.txt，或 tokenizer.json。"
    ),
    "The {} gives {} the number {}; its text encoder has places from 0 to {}, one for each.": (
        "{} 给 {} 的编号是 {}；文本编码器的位置从 0 到 {}，各用一次。"
    ),
    "The {} knows {} words, and its text encoder has places for {}.": (
        "{} 有 {} 个词，而文本编码器有 {} 个位置。"
    ),
    "The {} begins, ends or fills up prompts with a word that its text encoder has no place for.": (
        "{} 用来开始、结束或填充提示词的词，在文本编码器中没有位置。"
    ),
    "Get tokenizer and text encoder of the same model.": "请取同一个模型的分词器和文本编码器。",
    # what the denoiser answers with
    "The denoiser of {} answers with {}, but its settings say {}; every picture would be noise.": (
        "{} 的去噪网络回答的是 {}，而设置写的是 {}；每张图片都会是噪声。"
    ),
    "Write prediction_type: {} into its model card or into scheduler_config.json, or give "
    "--prediction-type {} with --model.": (
        "请在模型卡片或 scheduler_config.json 中写上 prediction_type: {}，"
        "或与 --model 一起给出 --prediction-type {}。"
    ),
    "{} has a card, which says what its denoiser answers with.": (
        "{} 有模型卡片，去噪网络回答什么由卡片说明。"
    ),
    "Leave --prediction-type out; it is for a model given by its folder, file or hub id.": (
        "请去掉 --prediction-type；它只用于以文件夹、文件或模型库 id 给出的模型。"
    ),
    "--prediction-type says something of a model that is not named.": (
        "--prediction-type 说的是一个没有指明的模型。"
    ),
    "Give its folder, file or hub id with --model.": (
        "请用 --model 给出它的文件夹、文件或模型库 id。"
    ),
    "The sampler {} cannot begin at pure noise, as this model does.": (
        "采样器 {} 不能像这个模型那样从纯噪声开始。"
    ),
    "Choose ddim, euler, dpm++ or unipc.": "请选择 ddim、euler、dpm++ 或 unipc。",
    "{} steps are more than the {} noise levels of this model.": (
        "{} 步多于这个模型的 {} 个噪声级别。"
    ),
    "Ask for fewer steps.": "请减少步数。",
}
# what stands in the {} of a sentence
MODEL_PHRASES: dict[str, str] = {
    "a whole number from {} to {}": "从 {} 到 {} 的整数",
    "a whole number from {} on": "不小于 {} 的整数",
    "a number from {} to {}": "从 {} 到 {} 的数值",
    "a number that divides {}": "能整除 {} 的数",
    "a list of {} numbers from 0 to 1": "{} 个 0 到 1 之间的数的列表",
    "a list of up to 8": "不超过 8 项的列表",
    "one of {}": "以下之一：{}",
    "one side, for square pictures": "正方形图片的一个边长",
    "an object": "一个对象",
    "its {} is {}": "它的 {} 是 {}",
    "it asks to run {}": "它要求运行 {}",
    "it is told the guidance instead of being guided (a distillate such as LCM)": (
        "它把引导强度作为输入，而不接受引导（LCM 一类的蒸馏模型）"
    ),
    "its denoiser wants the number of a class besides the text": (
        "它的去噪网络除文本外还需要类别编号"
    ),
    "its denoiser wants pictures or other texts as conditions": (
        "它的去噪网络需要图片或其他文本作为条件"
    ),
    "its denoiser answers with more than noise": "它的去噪网络给出的不只是噪声",
    "its autoencoder moves its latents (latents_mean, latents_std or shift_factor)": (
        "它的自编码器会平移潜变量（latents_mean、latents_std 或 shift_factor）"
    ),
    "it is distilled for few steps, which its own sampler alone draws": (
        "它是只能用自己的采样器绘制的少步蒸馏模型"
    ),
    "it is distilled for few steps without guidance (a Turbo or Lightning model)": (
        "它是不用引导的少步蒸馏模型（Turbo 或 Lightning）"
    ),
    "its noise levels are those of {}, not of Stable Diffusion": (
        "它的噪声级别属于 {}，不属于 Stable Diffusion"
    ),
    "its sampler cuts what it predicts (thresholding), which latents do not bear": (
        "它的采样器会截断预测值（thresholding），不适用于潜变量"
    ),
    "its last level is pure noise (rescale_betas_zero_snr), which wants v": (
        "它的最后一级是纯噪声（rescale_betas_zero_snr），需要预测 v"
    ),
    "it holds no denoiser under the names of a whole model": "其中没有完整模型命名的去噪网络",
    "it holds no autoencoder under the names of a whole model": "其中没有完整模型命名的自编码器",
    "it holds no text encoder under the names of a whole model": "其中没有完整模型命名的文本编码器",
}
