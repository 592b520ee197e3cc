"""What the page says of pictures that were drawn, English and Chinese."""

# key: (English, 中文)
DRAWN_WORDS: dict[str, tuple[str, str]] = {
    "broken_pictures": (
        "Not measured: {count} pictures came out as no numbers (NaN).",
        "未测量：{count} 张图片不是有效数值（NaN）。",
    ),
    "cut_prompts": (
        "{count} prompts are longer than the model reads; they were drawn from their first tokens, "
        "as the stock pipeline does.",
        "{count} 条提示词超过模型能读的长度；与标准管线一样，只按开头的词元绘制。",
    ),
}
