"""Tokenizers of models, tried before they are used."""

from pathlib import Path
from typing import Any

from transformers import CLIPTokenizer

from studio.errors import StudioError
from studio.models.folders import check_vocabulary
from studio.models.whole import not_loaded


def tokenizer_of(folder: Path, reader: Any) -> CLIPTokenizer:
    """The tokenizer of a folder, for a text encoder.

    Many converters write 10^30 as the longest prompt; no prompt is longer than the encoder reads.

    Args:
        reader: the text encoder's config.

    Raises:
        StudioError: it cannot be loaded, or gives numbers that the text encoder has no place for.
    """
    most = int(reader.max_position_embeddings)
    try:
        words = CLIPTokenizer.from_pretrained(folder, local_files_only=True)
        words.model_max_length = int(min(words.model_max_length, most))
        tried = words("a", padding="max_length", max_length=words.model_max_length)["input_ids"]
        special = [words.bos_token_id, words.eos_token_id, words.pad_token_id, *tried]
    except Exception as error:  # its reader raises bare ones
        raise not_loaded(folder, error) from error
    if any(number is None or not 0 <= number < reader.vocab_size for number in special):
        raise StudioError(
            f"The {folder.name} begins, ends or fills up prompts with a word that its text encoder "
            "has no place for.",
            "Get tokenizer and text encoder of the same model.",
        )
    check_vocabulary(words.get_vocab(), reader.to_dict(), folder.name)
    return words
