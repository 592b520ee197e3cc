"""What can go wrong with databases, in English and Chinese; see `failures`."""

STORAGE: dict[str, str] = {
    "The database {} cannot be written: {}.": "数据库 {} 无法写入：{}。",
    "Make room on the disk or let the studio write there, then do it again. "
    "What was kept before is still there.": (
        "请清理磁盘，或允许本工具写入那里，然后重试。之前保存的内容仍在。"
    ),
    "The file {} is no database, or is damaged: {}.": "文件 {} 不是数据库，或已损坏：{}。",
    "Move it away, or put back a copy of it; the studio makes a new one.": (
        "请把它移走，或用备份替换；本工具会新建一个。"
    ),
}
