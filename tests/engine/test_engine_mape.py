"""The notebook's modified MAPE."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch

from tui_linreg.engine.models.metrics import modified_mape


def test_modified_mape() -> None:
    y_true, y_pred = torch.tensor([1.0, -2.0, 0.0, 4.0]), torch.tensor([1.5, -1.0, -3.0, 4.0])
    assert modified_mape(y_true, y_pred) == (0.5 + 0.5 + 3.0 + 0.0) / 4
    assert modified_mape(y_pred, y_true) == pytest.approx((1 / 3 + 1.0 + 1.0 + 0.0) / 4, rel=4 * 2.0**-24)
    assert modified_mape(torch.zeros(3), torch.zeros(3)) == 0
    assert modified_mape(torch.tensor([-0.0]), torch.tensor([0.25])) == 0.25
    assert modified_mape(torch.ones(2, 3), torch.ones(2, 3) * 2) == 1
    assert modified_mape(torch.tensor(2.0), torch.tensor(1.0)) == 0.5
    assert modified_mape(0, -7) == 7
    assert modified_mape(-4, 1.0) == 1.25
    assert math.isnan(modified_mape(math.nan, 1.0))


WRONG_PAIRS: list[tuple[Any, Any, type[Exception], list[str]]] = [
    (torch.ones(3), torch.ones(3, 1), ValueError, ["(3,)", "(3, 1)"]),
    (torch.ones(3), torch.ones(2), ValueError, ["(3,)", "(2,)"]),
    (torch.ones(0), torch.ones(0), ValueError, ["empty"]),
    (torch.ones(1), 1.0, TypeError, ["Tensor", "float"]),
    (1, torch.ones(1), TypeError, ["int", "Tensor"]),
    ([1.0], [1.0], TypeError, ["list"]),
    ("1", 1.0, TypeError, ["str", "float"]),
    (None, 1.0, TypeError, ["NoneType"]),
    (np.ones(2), np.ones(2), TypeError, ["ndarray"]),
]


@pytest.mark.parametrize(("y_true", "y_pred", "error", "said"), WRONG_PAIRS)
def test_modified_mape_says_what_it_got(y_true: Any, y_pred: Any, error: type[Exception], said: list[str]) -> None:
    with pytest.raises(error) as caught:
        modified_mape(y_true, y_pred)
    assert all(word in str(caught.value) for word in said)
