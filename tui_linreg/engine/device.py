"""Which device and how many threads a run uses, and what has to be said about the device."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from tui_linreg.engine.errors import InputError

DTYPES: dict[str, torch.dtype] = {"float64": torch.float64, "float32": torch.float32}
"""The dtypes a run may have, by their names."""


def resolve_device(name: str, dtype: torch.dtype) -> torch.device:
    """Return the device that `name` stands for; "auto" takes CUDA, then MPS where the dtype allows, then the CPU.

    Raises:
        InputError: when the device is not there, or cannot hold the dtype (MPS has no float64).
    """
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        if torch.backends.mps.is_available() and dtype != torch.float64:
            return torch.device("mps")
        return torch.device("cpu")
    if name == "mps":
        if dtype == torch.float64:
            raise InputError("--device mps: has no float64; allowed with --dtype float32", field="device")
        if not torch.backends.mps.is_available():
            raise _missing(name)
    elif name.startswith("cuda"):
        number = int(name.partition(":")[2] or 0)
        if not torch.cuda.is_available() or number >= torch.cuda.device_count():
            raise _missing(name)
    return torch.device(name)


def device_notice(name: str, device: torch.device, dtype: torch.dtype) -> str | None:
    """Return what a user should know about the chosen device, or None."""
    if name == "auto" and device.type == "cpu" and torch.backends.mps.is_available():
        return "MPS has no float64, so this run uses the CPU; --dtype float32 would use MPS"
    if uses_tf32(device, dtype):
        return "TF32 is on: CUDA matrix products of this run keep 10 bits of mantissa, not 23"
    return None


def uses_tf32(device: torch.device, dtype: torch.dtype) -> bool:
    """Say whether matrix products may use TF32 (only where the user turned it on)."""
    return device.type == "cuda" and dtype == torch.float32 and torch.backends.cuda.matmul.allow_tf32


def unit_roundoff(device: torch.device, dtype: torch.dtype) -> float:
    """Return u, half the distance from 1 to the next float: 2⁻⁵³, 2⁻²⁴, or 2⁻¹¹ under TF32."""
    if uses_tf32(device, dtype):
        return 2.0**-11
    return float(torch.finfo(dtype).eps / 2)


@contextmanager
def number_of_threads(count: int) -> Iterator[None]:
    """Let torch compute with `count` threads within the block; afterwards, also after an error, with as many as before.

    It holds for what the calling thread computes. A thread that uses torch for the first time meanwhile may begin with
    `count` as well, so let no other begin. Sums over long vectors are cut in as many parts, and so round differently.

    Raises:
        ValueError: when `count` is below 1.
    """
    if count < 1:
        raise ValueError(f"number_of_threads needs at least 1, got {count}")
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _missing(name: str) -> InputError:
    here = ["cpu"]
    here += [f"cuda:{i}" for i in range(torch.cuda.device_count())] if torch.cuda.is_available() else []
    here += ["mps"] if torch.backends.mps.is_available() else []
    return InputError(f"--device {name}: not available; this machine has {', '.join(here)}", field="device")
