"""Which files hold the weights of a part: exactly those that its loader reads; no torch.

Weights stand in STEM.safetensors, or in the files that STEM.safetensors.index.json names; a
variant such as fp16 stands before the ending. Where both are there, diffusers reads the index and
transformers the single file.
"""

from dataclasses import dataclass
from pathlib import Path

from studio.errors import StudioError
from studio.models.config_files import named, read_config
from studio.models.weights import Header, read_header

ENDING, INDEX = ".safetensors", ".safetensors.index.json"
DIFFUSERS, TRANSFORMERS = "diffusion_pytorch_model", "model"
PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl")
ADAPTER = "adapter_config.json"  # transformers loads what it names, from wherever it is


@dataclass(frozen=True)
class WeightFiles:
    """The files of a part, in order, and the variant that its loader has to be told."""

    files: tuple[Path, ...]
    variant: str | None = None

    def headers(self) -> dict[str, Header]:
        """What each file says of itself, by name; see `read_header`."""
        return {file.name: read_header(file) for file in self.files}


def weights_of(folder: Path, stem: str = TRANSFORMERS) -> WeightFiles:
    """The weights of a part.

    Args:
        stem: `DIFFUSERS` or `TRANSFORMERS`, by whose class loads them.

    Raises:
        StudioError: there are none, only pickled ones, or an index names what it must not.
    """
    if (folder / ADAPTER).exists():
        raise StudioError(
            f"{named(folder / ADAPTER)} asks to load an adapter with the model.",
            "Take that file away, and give the adapter as an adapter.",
        )
    for variant in (None, *_variants(folder, stem)):
        middle = f".{variant}" if variant else ""
        single = folder / f"{stem}{middle}{ENDING}"
        index = folder / _index_name(stem, variant)
        if index.exists() and (stem == DIFFUSERS or not single.exists()):
            return WeightFiles(_listed(index), variant)
        if single.exists():
            return WeightFiles((single,), variant)
    raise _none(folder, stem)


def _index_name(stem: str, variant: str | None) -> str:
    return f"{stem}{ENDING}.index.{variant}.json" if variant else f"{stem}{INDEX}"


def _variants(folder: Path, stem: str) -> list[str]:
    """What stands between stem and ending, the widely used fp16 first."""
    single = {f.name[len(stem) + 1 : -len(ENDING)] for f in folder.glob(f"{stem}.*{ENDING}")}
    start = f"{stem}{ENDING}.index."
    indexed = {f.name[len(start) : -5] for f in folder.glob(f"{start}*.json")}
    return sorted(filter(None, single | indexed), key=lambda name: (name != "fp16", name))


def _listed(index: Path) -> tuple[Path, ...]:
    """The files that an index names, all of them beside it."""
    listed = read_config(index).get("weight_map")
    if not isinstance(listed, dict) or not listed:
        raise StudioError(
            f"{named(index)} names no files with weights.", "Get the model's files again."
        )
    for name in listed.values():
        plain = isinstance(name, str) and name.endswith(ENDING) and not set(name) & set("/\\:")
        if not plain or name.startswith("."):
            raise StudioError(
                f"{named(index)} names {str(name)[:80]}, which is no .safetensors file beside it.",
                "Get the model's files again; other weights are never read.",
            )
    return tuple(index.parent / name for name in sorted(set(listed.values())))


def _none(folder: Path, stem: str) -> StudioError:
    pickled = sorted(
        file.name for file in folder.glob("*") if file.suffix in PICKLES and stem[:5] in file.name
    ) or sorted(file.name for file in folder.glob("*") if file.suffix in PICKLES)
    if pickled:
        return StudioError(
            f"{folder} has no .safetensors weights, and pickled ones can run code: {pickled[0]}.",
            "Get the model as .safetensors, or write it anew with "
            "save_pretrained(safe_serialization=True).",
        )
    return StudioError(
        f"{folder} has no .safetensors weights.", f"Get {stem}.safetensors, or another folder."
    )
