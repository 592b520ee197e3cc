"""Folders of ready-made networks: a local one, or a model of the hub; and which weights they are.

Importing this needs neither torch nor the hub's client.
"""

import re
from pathlib import Path

from studio.errors import StudioError
from studio.files import place_of
from studio.models.weight_files import weights_of

CONFIG, WEIGHTS = "config.json", "model.safetensors"
NEEDED = ("*.json", "*.txt", WEIGHTS, "model-*-of-*.safetensors")
COMMIT = re.compile(r"[0-9a-f]{40}")


def pinned(source: str) -> tuple[str, str]:
    """Id and revision of "OWNER/NAME@REVISION" of the hub; a name alone can mean anything tomorrow.

    Raises:
        StudioError: there is no revision, or it is no whole commit.
    """
    name, _, revision = source.partition("@")
    if not COMMIT.fullmatch(revision):
        raise StudioError(
            f"{source} is not pinned: what the hub hands out under a name can change.",
            "Write OWNER/NAME@REVISION with the 40 letters of a commit; the hub lists them under "
            "Files and versions.",
        )
    return name, revision


def local_folder(source: str, *, offline: bool = False) -> Path:
    """The folder of a network, fetched from the hub where it has to be.

    Args:
        source: a folder, or OWNER/NAME@REVISION or OWNER/NAME/SUBFOLDER@REVISION of the hub.
        offline: only what is here already.

    Raises:
        StudioError: there is no such folder, it has no safe weights, the hub is out of reach, or
            what it hands out is not pinned.
    """
    place = place_of(source)
    if place.is_dir():
        return _complete(place)
    parts = source.partition("@")[0].split("/")
    if source.startswith((".", "/", "~")) or len(parts) not in (2, 3):
        raise StudioError(
            f"There is no folder {source}.", "Check its spelling, or give OWNER/NAME@REVISION."
        )
    _, revision = pinned(source)
    repo, inside = "/".join(parts[:2]), "/".join(parts[2:])
    try:
        return _complete(_from_hub(repo, inside, revision, offline=True))
    except StudioError:
        if offline:
            raise
    return _complete(_from_hub(repo, inside, revision, offline=False))


def not_here(source: str) -> StudioError | None:
    """Why a network cannot be used without asking the hub; None: it is here."""
    try:
        local_folder(source, offline=True)
    except StudioError as error:
        return error
    return None


def from_cache(repo: str, revision: str) -> Path | None:
    """The snapshot of a repository in the local cache, or what is there of it; None: nothing."""
    try:
        return _from_hub(repo, "", revision, offline=True)
    except StudioError:
        return None


def _from_hub(repo: str, inside: str, revision: str, *, offline: bool) -> Path:
    from huggingface_hub import snapshot_download

    prefix = f"{inside}/" if inside else ""
    try:
        found = snapshot_download(
            repo,
            revision=revision,
            allow_patterns=[prefix + name for name in NEEDED],
            local_files_only=offline,
        )
    except (OSError, ValueError) as error:
        if offline:
            raise StudioError(
                f"{repo} is not here yet.",
                "It is fetched from the hub at first use; or give a local folder with --weights.",
            ) from error
        raise StudioError(
            f"{repo} is not here and could not be fetched from the hub.",
            "Check the id, the network and that HF_HUB_OFFLINE is not set, or give a local folder "
            "with --weights.",
        ) from error
    return Path(found) / inside


def _complete(folder: Path) -> Path:
    if not (folder / CONFIG).is_file():
        raise StudioError(
            f"{folder} holds no network: {CONFIG} is missing.",
            "Choose the folder of one part, written by save_pretrained.",
        )
    weight_files(folder)
    return folder


def weight_files(folder: Path) -> list[Path]:
    """The files that a network's weights are read from, in order; see `weights_of`.

    Raises:
        StudioError: there are none, or an index names what it must not.
    """
    return list(weights_of(folder).files)
