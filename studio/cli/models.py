"""The options that choose a model, for every command that has them."""

import argparse
import sys
from typing import get_args

from studio.config import ModelCard, Prediction
from studio.errors import StudioError
from studio.models.config_files import read_config
from studio.models.snapshots import on_disk
from studio.presets import find_model

MODEL = "card, folder, .safetensors file or hub id"


def model_options(new: argparse.ArgumentParser, about: str = MODEL) -> None:
    """Tell argparse of --model and --prediction-type."""
    new.add_argument("--model", help=about)
    new.add_argument(
        "--prediction-type",
        choices=get_args(Prediction),
        help="what the denoiser of a --model without a card answers with; default: as its files "
        "say",
    )


def chosen_model(args: argparse.Namespace) -> ModelCard | None:
    """The model of --model, with what --prediction-type says of it; None without --model.

    Raises:
        StudioError: see `find_model`; or --prediction-type stands alone.
    """
    if not args.model:
        if args.prediction_type:
            raise StudioError(
                "--prediction-type says something of a model that is not named.",
                "Give its folder, file or hub id with --model.",
            )
        return None
    card = find_model(args.model, args.prediction_type)
    if card.prediction_type is not None and (own := _told(card)) not in ("", card.prediction_type):
        print(
            f"Note: the files of {card.source} say {own}; {card.prediction_type} is used, as "
            "--prediction-type says.",
            file=sys.stderr,
        )
    return card


def _told(card: ModelCard) -> str:
    """What the scheduler of a folder says; "" where there is none to ask."""
    try:
        place = on_disk(card)
        if place is None or not place.is_dir():
            return ""
        levels = read_config(place / "scheduler" / "scheduler_config.json")
    except StudioError:  # told where it is loaded
        return ""
    return str(levels.get("prediction_type", "epsilon"))
