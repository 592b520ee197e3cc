"""Nothing that comes from outside is run: no pickles, no remote code, no shell, pinned hub ids."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from studio.models.fetching import COMMIT, NEEDED, pinned
from studio.presets import PRESETS, load_models
from studio.world import ROOT
from studio.yaml_files import read_yaml
from studio.yaml_guard import SafeLoader

SOURCES = [*sorted((ROOT / "studio").rglob("*.py")), ROOT / "app.py", *(ROOT / ".ci").glob("*.py")]
READS_ONE_PICKLE = ROOT / "studio" / "evaluation" / "detectors" / "plain_arrays.py"
FROM_THE_HUB = {
    ROOT / "studio" / "models" / "fetching.py",
    ROOT / "studio" / "models" / "loading.py",
}
PICKLES = {"pickle", "cPickle", "dill", "joblib", "shelve", "marshal", "cloudpickle"}
RUNNING = {"eval", "exec", "compile", "__import__"}
TORCH = {"torch.load", "torch.jit.load"}
ALWAYS = {"pandas.read_pickle", "pd.read_pickle", "np.lib.format.read_array"}
LOADING = {"from_pretrained", "load_config"}
BY_HUB = {"snapshot_download", "hf_hub_download", "load_dataset", "torch.hub.load"}


def calls(file: Path) -> Iterator[tuple[str, ast.Call, Path]]:
    """Every call: its dotted name, itself, where."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield dotted(node.func), node, file


def dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def given(call: ast.Call, name: str) -> object:
    """The value of a constant argument; None where it is not given."""
    values = [word.value for word in call.keywords if word.arg == name]
    return (
        values[0].value if values and isinstance(values[0], ast.Constant) else bool(values) or None
    )


ALL = [found for file in SOURCES for found in calls(file)]


def test_the_search_finds_calls() -> None:
    assert len(ALL) > 3000 and any(name == "torch.no_grad" for name, _, _ in ALL)


def test_nothing_unpickles() -> None:
    for file in SOURCES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name.partition(".")[0] for alias in node.names]
            if isinstance(node, ast.ImportFrom):
                names = [(node.module or "").partition(".")[0]]
            if file != READS_ONE_PICKLE:
                assert not set(names) & PICKLES, file
    for name, call, file in ALL:
        told = f"{file.name}: {ast.unparse(call)}"
        assert name not in ALWAYS, told
        assert name not in TORCH or given(call, "weights_only") is True, told
        assert not given(call, "allow_pickle"), told  # NumPy's own default is not to


def test_yaml_is_read_without_its_tags() -> None:
    for name, call, file in ALL:
        assert name not in ("yaml.unsafe_load", "yaml.full_load", "yaml.load_all"), file
        if name == "yaml.load":
            assert ast.unparse(call).endswith("Loader=SafeLoader)"), (
                f"{file.name}: {ast.unparse(call)}"
            )
    assert issubclass(SafeLoader, yaml.SafeLoader | getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def test_no_text_is_run_as_code_or_by_a_shell() -> None:
    for name, call, file in ALL:
        assert name not in RUNNING, f"{file.name}: {ast.unparse(call)}"
        assert name not in ("os.system", "os.popen"), file
        assert not given(call, "shell"), f"{file.name}: {ast.unparse(call)}"


def test_remote_code_is_never_run() -> None:
    for file in SOURCES:
        assert "trust_remote_code" not in file.read_text(encoding="utf-8"), file
        assert "custom_pipeline" not in file.read_text(encoding="utf-8"), file
    assert not any(pattern.endswith((".py", ".bin", ".pt", "*")) for pattern in NEEDED)


def test_the_hub_is_asked_in_two_places_and_always_for_a_revision() -> None:
    for name, call, file in ALL:
        last = name.rpartition(".")[2]
        if name in BY_HUB or last in BY_HUB:
            assert file in FROM_THE_HUB and given(call, "revision"), f"{file.name}: {name}"
        if last in LOADING and file in FROM_THE_HUB:
            told = given(call, "revision"), given(call, "local_files_only")
            assert any(told), f"{file.name}: {name} takes local_files_only or revision"
    source = (ROOT / "studio" / "models" / "loading.py").read_text(encoding="utf-8")
    assert source.count("revision=revision") == 2


def test_models_are_loaded_from_safetensors_alone() -> None:
    for name in ("loading", "whole"):
        source = (ROOT / "studio" / "models" / f"{name}.py").read_text(encoding="utf-8")
        assert "use_safetensors=True" in source and "use_safetensors=False" not in source


def test_every_hub_id_that_ships_is_pinned() -> None:
    cards = [card for card in load_models().values() if not (ROOT / card.source).exists()]
    assert len(cards) >= 3
    for card in cards:
        assert COMMIT.fullmatch(card.revision or ""), card.id
    ids = []
    for file in sorted((PRESETS / "detectors").glob("*.yaml")):
        preset = read_yaml(file.read_text(encoding="utf-8"), file.name)
        weights = str(preset["detector"].get("weights", ""))
        if "/" in weights:
            ids.append(pinned(weights))
    assert len(ids) >= 3


@pytest.mark.parametrize(
    "text", ["!!python/object/apply:os.system ['true']", "!!python/name:os.system"]
)
def test_a_tag_in_a_yaml_file_runs_nothing(text: str) -> None:
    with pytest.raises(Exception, match=r"broken|tag"):
        read_yaml(f"a: {text}", "x.yaml")
