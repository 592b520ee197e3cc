"""Prompt vectors are read from pickles without running what is in them."""

import io
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from studio.errors import StudioError
from studio.evaluation.detectors import plain_arrays
from studio.evaluation.detectors.plain_arrays import read_rows

ROWS = np.linspace(-1, 1, 12, dtype=np.float16).reshape(2, 6)


def write(file: Path, data: bytes) -> Path:
    file.write_bytes(data)
    return file


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("dtype", ["<f2", "<f4", ">f4", "<f8"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_every_pickle_of_a_float_array_is_read(
    protocol: int, dtype: str, order: str, tmp_path: Path
) -> None:
    rows = np.asarray(ROWS.astype(dtype), order=order)
    found = read_rows(write(tmp_path / "prompts.p", pickle.dumps(rows, protocol)))
    np.testing.assert_array_equal(found, ROWS.astype(np.float32))
    assert found.dtype == np.float32


def test_a_pickle_of_the_time_of_python_2_and_numpy_1_is_read(tmp_path: Path) -> None:
    old = pickle.dumps(ROWS, 2).replace(b"numpy._core.multiarray", b"numpy.core.multiarray")
    np.testing.assert_array_equal(read_rows(write(tmp_path / "prompts.p", old)), ROWS)


@pytest.mark.parametrize("protocol", [2, pickle.HIGHEST_PROTOCOL])
def test_a_pickled_tensor_is_read(protocol: int, tmp_path: Path) -> None:
    tensor = torch.from_numpy(ROWS.copy())
    columns = torch.from_numpy(np.ascontiguousarray(ROWS.T)).T  # strides of its own
    for given in (tensor, columns, torch.nn.Parameter(tensor.float()).data):
        found = read_rows(write(tmp_path / "prompts.p", pickle.dumps(given, protocol)))
        np.testing.assert_array_equal(found, ROWS)


def test_saved_tensors_and_safe_files_are_read(tmp_path: Path) -> None:
    torch.save(torch.from_numpy(ROWS.copy()), tmp_path / "a.pt")
    np.save(tmp_path / "a.npy", ROWS)
    save_file({"rows": ROWS}, tmp_path / "a.safetensors")
    for name in ("a.pt", "a.npy", "a.safetensors"):
        np.testing.assert_array_equal(read_rows(tmp_path / name), ROWS)


class Runs:
    """Pickles as a call of anything."""

    def __init__(self, call: Any, *arguments: Any) -> None:
        self.call, self.arguments = call, arguments

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return self.call, self.arguments


def attacks(mark: Path) -> dict[str, bytes]:
    """Pickles that would make a file; the last hides inside a pickled tensor's storage."""
    command = f"touch {mark}"
    inner = pickle.dumps(Runs(os.system, command))
    hidden = pickle.dumps(Runs(torch.storage._load_from_bytes, inner))
    return {
        "posix.system": inner,
        "builtins.eval": pickle.dumps(Runs(eval, f"open({str(mark)!r}, 'w')")),
        "builtins.getattr": pickle.dumps(Runs(getattr, "a", "upper")),
        "numpy.load": pickle.dumps(Runs(np.load, str(mark))),
        "in a list": pickle.dumps([ROWS, Runs(os.system, command)]),
        "in a storage": hidden,
        "old opcode": f"cposix\nsystem\n(S'{command}'\ntR.".encode(),
        "instance": f"(S'{command}'\niposix\nsystem\n.".encode(),
    }


@pytest.mark.parametrize("name", attacks(Path("x")))
def test_a_pickle_that_runs_something_is_refused_and_not_run(name: str, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    file = write(tmp_path / "prompts.p", attacks(mark)[name])
    with pytest.raises(StudioError, match=r"was not run|no table of numbers") as caught:
        read_rows(file)
    assert not mark.exists()
    if "." in name:
        assert name in caught.value.what and "was not run" in caught.value.what


def test_the_attacks_are_real(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    pickle.load(io.BytesIO(attacks(mark)["posix.system"]))
    assert mark.exists()


@pytest.mark.parametrize(
    "given",
    [
        np.array([[1, 2], [3, 4]]),
        np.array([["a", "b"]], dtype=object),
        np.array([[1.0, np.nan]]),
        np.ones(4, np.float32),
        [[1.0, 2.0]],
        "text",
        torch.ones(2, 2, dtype=torch.int64),
    ],
    ids=["whole numbers", "objects", "not finite", "one row", "a list", "text", "whole tensor"],
)
def test_what_is_no_table_of_floats_is_refused(given: Any, tmp_path: Path) -> None:
    with pytest.raises(StudioError, match=r"was not run|no table of numbers"):
        read_rows(write(tmp_path / "prompts.p", pickle.dumps(given)))


def test_broken_huge_or_missing_files_say_so(tmp_path: Path) -> None:
    whole = pickle.dumps(ROWS)
    for data in (b"", b"no pickle", whole[:-20], whole[: len(whole) // 2]):
        with pytest.raises(StudioError, match="no table of numbers"):
            read_rows(write(tmp_path / "prompts.p", data))
    with pytest.raises(StudioError, match="MB"):
        read_rows(write(tmp_path / "large.p", bytes(17_000_000)))
    with pytest.raises(StudioError, match="there is no such file"):
        read_rows(tmp_path / "none.p")
    np.save(tmp_path / "objects.npy", np.array([[None]]), allow_pickle=True)
    with pytest.raises(StudioError, match="no table of numbers"):
        read_rows(tmp_path / "objects.npy")


def test_a_pickle_that_claims_gigabytes_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def followed(*_: Any, **__: Any) -> None:
        raise AssertionError("followed")

    monkeypatch.setattr(plain_arrays, "_Reader", followed)
    place_in_memo = b"r\xff\xff\xff\x0f"  # a table of 2 ** 28 places for one number
    with pytest.raises(StudioError, match="no table of numbers"):
        read_rows(write(tmp_path / "prompts.p", b"\x80\x02K\x01" + place_in_memo + b"."))
    long = b"\x96" + (1 << 40).to_bytes(8, "little")  # bytes that are not there
    with pytest.raises(StudioError, match="no table of numbers"):
        read_rows(write(tmp_path / "prompts.p", b"\x80\x05" + long + b"."))
    with pytest.raises(AssertionError, match="followed"):
        read_rows(write(tmp_path / "prompts.p", pickle.dumps(ROWS)))
