"""Which device and how many threads a run uses, and what has to be said about the device."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import torch
from torch import Tensor

from tui_linreg.engine.errors import InputError

DTYPES: dict[str, torch.dtype] = {"float64": torch.float64, "float32": torch.float32}
"""The dtypes a run may have, by their names."""

_MPS = threading.RLock()
"""Two threads that work on MPS at the same time may end the process, whatever each of them works on."""


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


def devices() -> tuple[str, ...]:
    """Return the names of the devices that are there."""
    gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
    mps = ("mps",) if torch.backends.mps.is_available() else ()
    return ("cpu", *(("cuda",) if gpus == 1 else (f"cuda:{number}" for number in range(gpus))), *mps)


def device_notice(name: str, device: torch.device, dtype: torch.dtype) -> str | None:
    """Return what a user should know about the chosen device, or None."""
    if name == "auto" and device.type == "cpu" and torch.backends.mps.is_available():
        return "MPS has no float64, so this run uses the CPU; --dtype float32 would use MPS"
    if uses_tf32(device, dtype):
        return "TF32 is on: CUDA matrix products of this run keep 10 bits of mantissa, not 23"
    return None


def uses_tf32(device: torch.device, dtype: torch.dtype) -> bool:
    """Say whether matrix products may use TF32 (only where the user turned it on)."""
    if device.type != "cuda" or dtype != torch.float32:
        return False
    matmul = torch.backends.cuda.matmul
    # The old name raises once a program has used the new one, which torch before 2.9 has not.
    precision = getattr(matmul, "fp32_precision", None)
    return bool(matmul.allow_tf32 if precision is None else precision == "tf32")


def unit_roundoff(device: torch.device, dtype: torch.dtype) -> float:
    """Return u of sums and single operations, half the distance from 1 to the next float: 2⁻⁵³ or 2⁻²⁴."""
    return float(torch.finfo(dtype).eps / 2)


def product_roundoff(device: torch.device, dtype: torch.dtype) -> float:
    """Return u of the products within a matrix product: 2⁻¹¹ where they may use TF32, else `unit_roundoff`."""
    return 2.0**-11 if uses_tf32(device, dtype) else unit_roundoff(device, dtype)


def smallest_step(device: torch.device, dtype: torch.dtype) -> float:
    """Return the least distance between two floats near 0; on MPS the smallest normal, as it may flush subnormals."""
    limits = torch.finfo(dtype)
    return float(limits.smallest_normal if device.type == "mps" else limits.smallest_normal * limits.eps)


def one_thread_at_a_time(device: torch.device) -> AbstractContextManager[object]:
    """Return what a thread holds while it works on the device: on MPS a lock of the whole process, else nothing."""
    return _MPS if device.type == "mps" else nullcontext()


def readable(tensor: Tensor) -> Tensor:
    """Return a tensor that any thread may read while another computes: on MPS a copy on the host, else itself."""
    return tensor.cpu() if tensor.device.type == "mps" else tensor


def computed_by(threads: int) -> dict[str, str | int]:
    """Return what the last bits of a run's numbers depend on besides its options, ready for JSON.

    Args:
        threads: how many the run computes with.

    Returns:
        "torch" (the version), "cpu_capability" (which of its kernels torch uses here: "AVX2", …) and "threads".
    """
    return {"torch": torch.__version__, "cpu_capability": torch.backends.cpu.get_cpu_capability(), "threads": threads}


@contextmanager
def gradients_on() -> Iterator[None]:
    """Let autograd record within the block, also where the caller is inside `no_grad` or `inference_mode`."""
    with torch.inference_mode(False), torch.enable_grad():
        yield


@contextmanager
def number_of_threads(count: int) -> Iterator[None]:
    """Let torch compute with `count` threads within the block; afterwards, also after an error, with as many as before.

    It holds for what the calling thread computes: torch and MKL keep a count for each thread. A thread that uses torch
    for the first time meanwhile may begin with `count` as well. Sums over long vectors are cut in as many parts, and so
    round differently.

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
