"""What the page says of runs that ended badly, English and Chinese."""

# key: (English, 中文)
ENDING_WORDS: dict[str, tuple[str, str]] = {
    "smaller": ("Start again with {what} {value}", "用 {what} {value} 重新开始"),
    "smaller_batch": ("batch", "批大小"),
    "smaller_rank": ("rank", "秩"),
    "smaller_rollouts": ("rollouts at once:", "同时绘制数"),
}
