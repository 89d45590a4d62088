"""What is said of a device: the precision of its products, its smallest numbers, who may work on it, what computed."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest
import torch

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.data.dataset import load_dataset
from tui_linreg.engine.device import (
    computed_by,
    device_notice,
    one_thread_at_a_time,
    product_roundoff,
    readable,
    smallest_step,
    unit_roundoff,
    uses_tf32,
)
from tui_linreg.engine.training.session import Session

CPU, CUDA, MPS = (torch.device(name) for name in ("cpu", "cuda", "mps"))


class New:
    """`torch.backends.cuda.matmul` of a program that used the new name: the old one raises."""

    def __init__(self, precision: str) -> None:
        self.fp32_precision = precision

    @property
    def allow_tf32(self) -> bool:
        """Raise, as torch does."""
        raise RuntimeError("mix of the legacy and new APIs")


@pytest.mark.parametrize(
    ("matmul", "on"),
    [
        (New("tf32"), True),
        (New("ieee"), False),
        (New("none"), False),
        (SimpleNamespace(allow_tf32=True), True),  # torch before 2.9
        (SimpleNamespace(allow_tf32=False), False),
    ],
)
def test_tf32_is_read_by_the_new_name_where_there_is_one(
    matmul: object, on: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.backends.cuda, "matmul", matmul)
    assert uses_tf32(CUDA, torch.float32) is on
    assert not uses_tf32(CUDA, torch.float64)
    assert not uses_tf32(CPU, torch.float32)
    assert product_roundoff(CUDA, torch.float32) == (2.0**-11 if on else 2.0**-24)
    assert product_roundoff(CUDA, torch.float64) == 2.0**-53
    assert unit_roundoff(CUDA, torch.float32) == 2.0**-24  # sums and updates never are TF32
    assert (device_notice("cuda", CUDA, torch.float32) is not None) is on


def test_a_program_that_used_the_new_name_can_still_be_asked() -> None:
    matmul = torch.backends.cuda.matmul
    if not hasattr(matmul, "fp32_precision"):
        pytest.skip("this torch has the old name only")
    before = matmul.fp32_precision
    try:
        matmul.fp32_precision = "tf32"
        assert uses_tf32(CUDA, torch.float32)
    finally:
        matmul.fp32_precision = before


def test_subnormals_count_where_they_are_not_flushed() -> None:
    for dtype, least, normal in ((torch.float64, 2.0**-1074, 2.0**-1022), (torch.float32, 2.0**-149, 2.0**-126)):
        assert smallest_step(CPU, dtype) == smallest_step(CUDA, dtype) == least
        assert smallest_step(MPS, dtype) == normal


def test_one_thread_at_a_time_works_on_mps_and_as_many_as_like_elsewhere() -> None:
    entered = threading.Event()

    def enter(device: torch.device) -> threading.Thread:
        def work() -> None:
            with one_thread_at_a_time(device):
                entered.set()

        thread = threading.Thread(target=work)
        thread.start()
        return thread

    with one_thread_at_a_time(CPU):
        enter(CPU).join()
    assert entered.is_set()
    entered.clear()
    with one_thread_at_a_time(MPS), one_thread_at_a_time(MPS):  # who holds it may ask again
        waiting = enter(MPS)
        assert not entered.wait(0.05)
    waiting.join()
    assert entered.is_set()


def test_what_is_on_the_host_is_read_where_it_lies() -> None:
    tensor = torch.zeros(3)
    assert readable(tensor) is tensor


def test_what_computed_a_run_is_named_with_the_threads_it_keeps() -> None:
    found = computed_by(3)
    assert found == {
        "torch": torch.__version__,
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "threads": 3,
    }
    session = Session(RunConfig(dataset="tiny", device="cpu"))
    assert session.computed_by == computed_by(torch.get_num_threads())


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("samples", [103, 1_000, 40_000])
def test_the_data_begin_where_torch_begins_memory(samples: int, dtype: str) -> None:
    data = load_dataset(RunConfig(samples=samples, dtype=dtype), CPU)
    assert [tensor.data_ptr() % 64 for tensor in (data.x_train, data.y_train)] == [0, 0]
