"""Settings that must be there before torch or Gradio is imported, and what tests share."""

import os

os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
if "PYTEST_XDIST_WORKER" in os.environ:  # several processes share the cores
    os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from studio.config import ModelCard, RunConfig, SampleConfig, Text
from studio.presets import parse_pack, resolve
from tests.tiny import save_tiny

BROKEN_AT = "k"  # the letter that the broken model cannot read

PACK = """
id: tiny
title: {en: Tiny, zh: 小}
description: {en: A pack for tests., zh: 测试用。}
model: tiny
remove:
  - {name: bomb, synonyms: [grenade]}
  - {name: knife}
keep: [spoon, apple]
probes:
  - {prompt: a bomb, seed: 1, kind: target, shows: bomb}
  - {prompt: a spoon, seed: 2, kind: neighbour, shows: spoon}
  - {prompt: an apple, seed: 3, kind: unrelated, shows: apple}
method: {name: sdd, rollouts: 2, levels: 2, rollout_steps: 3}
overrides: {steps: 4, batch: 2, rank: 2, check_every: 2, save_every: 2}
"""


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny random Stable Diffusion as a diffusers folder."""
    return save_tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def card(tiny_folder: Path) -> ModelCard:
    """The card of the tiny model; 3 sampler steps, no judge."""
    return ModelCard(
        id="tiny",
        title=Text(en="Tiny", zh="小"),
        source=str(tiny_folder),
        sample=SampleConfig(steps=3, guidance=3.0),
    )


@pytest.fixture(scope="session")
def broken_folder(tiny_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model whose numbers overflow for prompts with one letter."""
    from safetensors.torch import load_file, save_file

    from studio.models.loading import load_bundle

    folder = tmp_path_factory.mktemp("broken") / "model"
    shutil.copytree(tiny_folder, folder)
    file = folder / "text_encoder" / "model.safetensors"
    tensors = load_file(file)
    name = next(key for key in tensors if key.endswith("token_embedding.weight"))
    tokenizer = load_bundle(
        ModelCard(
            id="tiny",
            title=Text(en="Tiny", zh="小"),
            source=str(tiny_folder),
            sample=SampleConfig(steps=2, guidance=3.0),
        )
    ).tokenizer
    for piece in (BROKEN_AT, f"{BROKEN_AT}</w>"):
        tensors[name][tokenizer.convert_tokens_to_ids(piece)] = 1e30
    save_file(tensors, file, {"format": "pt"})
    return folder


@pytest.fixture
def broken(card: ModelCard, broken_folder: Path) -> ModelCard:
    """The card of that model, with the judge of Icon World."""
    return card.model_copy(update={"source": str(broken_folder), "judge": "icon-world"})


@pytest.fixture
def config(card: ModelCard) -> RunConfig:
    """A run of four steps on the tiny model."""
    return resolve(parse_pack(PACK, "tiny.yaml"), card)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own that holds one megabyte."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    done = subprocess.run(mount, capture_output=True, check=False)
    if done.returncode:
        pytest.skip(f"no file system can be mounted here: {done.stderr.decode().strip()}")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture
def read_only(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[Path], AbstractContextManager[None]]:
    """Makes a folder read-only for a while, for the superuser too."""

    @contextmanager
    def frozen(folder: Path) -> Iterator[None]:
        subprocess.run(["mount", "--bind", str(folder), str(folder)], check=True)
        subprocess.run(["mount", "-o", "remount,ro,bind", str(folder)], check=True)
        try:
            yield
        finally:
            subprocess.run(["umount", str(folder)], check=True)

    try:
        with frozen(tmp_path_factory.mktemp("tried")):
            return frozen
    except subprocess.CalledProcessError:
        pytest.skip("nothing can be mounted here")
