"""Judging a number: digits, slack, formulas, known mistakes; and each known mistake's value against plain NumPy."""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
import torch
from engine_helpers import line_data, on_data, trained
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from wrong_numpy import Batch, one_step

from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.engine.phases import QUANTITIES
from tui_linreg.study.predict.answer import Result, judge, needed_digits
from tui_linreg.study.predict.formula import evaluate
from tui_linreg.study.predict.known_error_values import facts_of, mistakes_in
from tui_linreg.study.predict.known_errors import KnownError
from tui_linreg.study.predict.questions import Question, question
from tui_linreg.study.predict.slips import SLIPS

RIGHT, FEW, CLOSE, KNOWN, WRONG = Result


def errors(**values: float) -> list[KnownError]:
    return [KnownError(name, f"title of {name}", f"Hint of {name}.", value) for name, value in values.items()]


@pytest.mark.parametrize(
    ("text", "true", "slack", "result"),
    [
        ("-1.02", -1.0234, 0.0, RIGHT),
        ("-1.0", -1.0234, 0.0, RIGHT),
        ("-1", -1.0234, 0.0, FEW),
        ("-1.03", -1.0234, 0.0, CLOSE),
        ("-1.03", -1.0234, 0.002, RIGHT),
        ("-1.0238", -1.0234, 0.0, CLOSE),
        ("1.02", -1.0234, 0.0, WRONG),
        ("-1.1", -1.0234, 0.0, WRONG),
        ("2", 2.0, 0.0, RIGHT),
        ("0.5", 0.5, 0.0, RIGHT),
        ("0.5", 0.5000000001, 0.0, RIGHT),
        ("0.5", 0.51, 0.0, FEW),
        ("0.50", 0.5, 0.0, RIGHT),
        ("2e3", 2100.0, 0.0, FEW),
        ("2.1e3", 2100.0, 0.0, RIGHT),
        ("0", 0.0, 0.0, RIGHT),
        ("0.00", 0.0, 0.0, RIGHT),
        ("0", 1e-17, 1e-6, RIGHT),
        ("0", 0.3, 0.0, FEW),
        ("0e9", 5.0, 0.0, WRONG),
        ("0.001", 0.0, 0.0, WRONG),
        ("0.00", 0.0012, 0.0, FEW),
        ("1.2e-3", 0.00123, 0.0, RIGHT),
        ("1.2e-300", 1.23e-300, 0.0, RIGHT),
        ("4.9e-324", 5e-324, 0.0, RIGHT),
        ("1.7e308", 1.7e308, 0.0, RIGHT),
        ("5", math.inf, 0.0, WRONG),
        ("5", -math.inf, 0.0, WRONG),
        ("5", math.nan, 0.0, WRONG),
        ("2/33*(-16.83)", -1.0195, 0.0, RIGHT),
        ("2/33*(-16.83)", -1.0234, 0.0, CLOSE),
        ("2/33*(-16.8)", -1.02, 0.0, CLOSE),
        ("1+1", 2.002, 0.0, RIGHT),
        ("1+1", 2.0021, 0.0, CLOSE),
        ("1+1", 2.03, 0.0, WRONG),
        ("1-1", 0.0, 0.0, RIGHT),
    ],
)
def test_what_an_answer_is(text: str, true: float, slack: float, result: Result) -> None:
    judgement = judge(evaluate(text), true, slack=slack)
    assert judgement.result is result
    assert judgement.text.endswith(".")
    assert judgement.errors == ()
    if result is not RIGHT and math.isfinite(true):
        assert f"{true:.3g}" not in judgement.text


@settings(deadline=None, max_examples=60)
@given(true=st.floats(1e-9, 1e9), negative=st.booleans(), digits=st.integers(1, 9), off=st.integers(-20, 20))
def test_what_rounds_to_it_is_right_and_a_digit_off_is_not(true: float, negative: bool, digits: int, off: int) -> None:
    """Against decimal arithmetic: a number of so many digits, so many units of its last place away."""
    exact = Decimal(true).copy_sign(-1 if negative else 1)
    rounded = Decimal(f"{exact:.{digits - 1}e}")
    unit = Decimal(1).scaleb(rounded.as_tuple().exponent)  # type: ignore[arg-type]
    typed = rounded + off * unit
    assume(abs(abs(typed - exact) / unit - Decimal("0.5")) > Decimal("1e-3") and typed != 0)
    found = judge(evaluate(f"{typed:e}"), float(exact)).result
    inside = abs(typed - exact) < unit / 2
    asked = len(typed.as_tuple().digits) >= needed_digits(float(exact))
    if inside:
        assert found is (RIGHT if asked else FEW)
    else:
        assert found in (CLOSE, WRONG)
        assert (found is CLOSE) == (abs(typed - exact) < Decimal("0.01") * abs(exact))


@pytest.mark.parametrize(
    ("true", "digits"), [(2.0, 1), (0.5, 1), (-3e9, 1), (2.1, 2), (0.4999, 2), (0.0, 0), (0.9999999, 1)]
)
def test_the_digits_asked_for(true: float, digits: int) -> None:
    assert needed_digits(true) == digits


def test_a_known_mistake_is_named_with_its_own_hint() -> None:
    known = errors(half=0.5, other=7.0)
    found = judge(evaluate("0.50"), 1.0234, known_errors=lambda: known)
    assert (found.result, found.errors) == (KNOWN, (known[0],))
    assert "title of half" in found.text
    assert "Hint of half." in found.text
    assert "other" not in found.text


def test_mistakes_of_one_value_are_named_together_and_others_not() -> None:
    known = errors(a=0.5, b=0.5 + 1e-15, far=0.52, a_again=3.0)
    found = judge(evaluate("1/2"), 1.0234, known_errors=lambda: known)
    assert [error.name for error in found.errors] == ["a", "b"]
    assert all(text in found.text for text in ("title of a", "title of b", "Hint of a.", "Hint of b."))
    twice = [*errors(a=0.5), *errors(a=0.5)]
    assert len(judge(evaluate("0.5"), 1.0234, known_errors=lambda: twice).errors) == 1


@pytest.mark.parametrize(
    ("text", "true", "slack", "known", "result"),
    [
        ("1.02", 1.0234, 0.0, {"same": 1.0234}, RIGHT),
        ("1.0230", 1.0234, 1e-3, {"hidden": 1.0230}, RIGHT),
        ("1.0230", 1.0234, 1e-3, {"hidden": 1.0245}, RIGHT),
        ("1.0230", 1.0234, 1e-6, {"near": 1.0230}, KNOWN),  # a mistake of its own, not a rounding
        ("1+0.0230", 1.0234, 1e-6, {"near": 1.0230}, KNOWN),
        ("1+0.0231", 1.0234, 1e-6, {"near": 1.0230}, RIGHT),
        ("1.0", 1.0234, 0.0, {"near": 0.99}, RIGHT),
        ("1", 1.0234, 1e-6, {"exactly": 1.0}, KNOWN),
        ("1", 1.0234, 1e-6, {"about": 1.2}, FEW),
        ("5", 1.0234, 0.0, {"inf": math.inf, "nan": math.nan}, WRONG),
        ("2", 1.0234, 0.0, {"about": 2.09}, KNOWN),
        ("2", 1.0234, 0.0, {"about": 2.2}, WRONG),  # one digit does not say that much
        ("5", 0.0, 1e-9, {"about": 5.0}, KNOWN),
        ("100.00", 1.0, 1e-3, {"large": 100.09}, KNOWN),  # a hundred times the slack
        ("100.00", 1.0, 1e-3, {"large": 100.2}, WRONG),
    ],
)
def test_known_mistakes_beside_the_truth(
    text: str, true: float, slack: float, known: dict[str, float], result: Result
) -> None:
    assert judge(evaluate(text), true, slack=slack, known_errors=lambda: errors(**known)).result is result


# ── the values of the known mistakes, against NumPy ──────────────────────────────────────────────────────────────────

N, B, LR, STEP = 11, 4, 0.05, 5
"""The third batch of the second epoch has 3 of its 4 samples, so every divisor differs."""
STATE: dict[str, tuple[Question, dict[str, list[float]]]] = {}


def classic(key: str, row: int | None, batch: Batch, sums: list[tuple[float, float]]) -> dict[str, list[float]]:
    """The value that each mistake of the engine gives, by its own formula in NumPy."""
    found = {}
    for name in mistakes_in(key):
        memories = sums if MISTAKES[name].adds_up_gradients else [(0.0, 0.0)]
        found[name] = [float(one_step(name, replace(batch, kept=kept))[key][row or 0]) for kept in memories]
    return found


def by_numpy(key: str, row: int | None) -> dict[str, list[float]]:
    """Every mistake's value at that step, from the data and the start of the run alone."""
    x_all, y_all = line_data(3, N)
    session = on_data(x_all, y_all, lr=LR, batch_size=B, epochs=3)
    b, w = session.timeline.states(0)[1]
    sums, last = np.zeros(2), np.zeros(5)
    for step in range(STEP):
        rows = slice(step % 3 * B, step % 3 * B + B)
        r = b + w * x_all[rows] - y_all[rows]
        g = np.array([2 * r.mean(), 2 * (r * x_all[rows]).mean()])
        last = np.array([b, w, (r**2).mean(), *g])
        sums += g
        b, w = b - LR * g[0], w - LR * g[1]
    x, y = x_all[8:], y_all[8:]
    p = b + w * x
    r, m = p - y, 3
    d = 2 / m * r
    gb, gw = d.sum(), (d * x).sum()
    b2, w2 = b - LR * gb, w - LR * gw
    i = row or 0
    around = [at for at in (i - 1, i + 1) if 0 <= at < m]
    batch = Batch(x, y, float(b), float(w), LR, B, N)
    wrong = classic(key, row, batch, [(float(last[3]), float(last[4])), (float(sums[0]), float(sums[1]))])
    if key == "y_pred":
        u, v = x[i], y[i]
        table = {"opposite-sign": -p[i], "forgot-b": w * u,
                 "b-and-w-swapped": w + b * u, "x-and-y-swapped": b + w * v, "minus": b - w * u,
                 "forgot-w": b + u, "parentheses": w * b + w * u, "after-update": b2 + w2 * u, "residual": p[i] - v,
                 "previous-parameters": last[0] + last[1] * u, "target": v}  # fmt: skip
        return {"wrong-row": list(p[around])} | {name: [value] for name, value in table.items()}
    if key == "dloss_dpred":
        table = {"factor-again": 4 * r[i] / m**2, "residual": r[i],
                 "squared": 2 * r[i] ** 2 / m, "plus": 2 * (p[i] + y[i]) / m, "two-below": r[i] / 6,
                 "forgot-y": 2 * p[i] / m, "times-x": d[i] * x[i], "share-of-loss": r[i] ** 2 / m}  # fmt: skip
        wrong["y-of-another-row"] = [2 / m * (p[i] - y[at]) for at in around]
        return wrong | {"wrong-row": list(d[around])} | {name: [value] for name, value in table.items()}
    if key == "loss":
        q = r @ r
        table = {"root": np.sqrt(q / m), "not-squared": r.mean(), "absolute": abs(r).mean(), "half": q / 6,
                 "square-of-sum": r.sum() ** 2 / m, "square-of-mean": r.mean() ** 2,
                 "squares-apart": (p @ p - y @ y) / m, "plus": ((p + y) @ (p + y)) / m, "batch-size": q / B,
                 "train-size": q / N, "one-less": q / 2,
                 "after-update": ((b2 + w2 * x - y) ** 2).mean(), "previous-batch": last[2],
                 "last-left-out": (q - r[2] ** 2) / m, "first-left-out": (q - r[0] ** 2) / m,
                 "one-left-out": (q - r[1] ** 2) / m, "factor-2": 2 * q / m, "opposite-sign": -q / m}  # fmt: skip
        wrong["y-of-another-row"] = [float(((p - y[rows]) ** 2).mean()) for rows in ([1, 2, 0], [2, 0, 1])]
        return wrong | {name: [value] for name, value in table.items()}
    which, z = (0, np.ones(3)) if key.endswith("b") else (1, x)
    g, g_other, start, start_other = (gb, gw, b, w) if which == 0 else (gw, gb, w, b)
    if key.startswith("grad"):
        t = d * z
        table = {"last-left-out": g - t[2], "first-left-out": g - t[0], "one-left-out": g - t[1],
                 "factor-again": 2 * g / m, "times-learning-rate": LR * g,
                 "previous-batch": last[3 + which], "new-parameter": start - LR * g, "absolute": abs(t).sum(),
                 "residuals-for-signal": r @ z}  # fmt: skip
        if which == 0:
            table |= {"times-x": gw, "times-b": gb * b, "squared-signal": d @ d}
        else:
            table |= {"mean-of-products": gw / m, "times-y": d @ y, "times-w": gb * w, "product-of-sums": gb * x.sum(),
                      "times-mean-x": gb * x.mean(), "x-squared": d @ x**2, "times-first-x": gb * x[0]}  # fmt: skip
            wrong["x-of-another-row"] = [float(d @ x[rows]) for rows in ([1, 2, 0], [2, 0, 1])]
        return wrong | {name: [value] for name, value in table.items()}
    table = {"opposite-sign": -(start - LR * g), "before-update": start,
             "plus": start + LR * g, "forgot-eta": start - g, "eta-twice": start - LR**2 * g,
             "gradient": g, "step-alone": LR * g, "change-alone": -LR * g,
             "other-parameter": start_other - LR * g_other, "factor-2-again": start - 2 * LR * g,
             "parentheses": (start - LR) * g,
             "divided-by-m": start - LR * g / m, "old-start": last[which] - LR * g}  # fmt: skip
    table |= {"other-gradient": start - LR * g_other} if which == 0 else {}
    return wrong | {name: [value] for name, value in table.items()}


def asked(key: str) -> tuple[Question, dict[str, list[float]]]:
    if key not in STATE:
        session = trained(on_data(*line_data(3, N), lr=LR, batch_size=B, epochs=3))
        found = question(session.step(STEP), key, facts_of(session, STEP))
        assert found is not None
        expected = by_numpy(key, found.row)
        STATE[key] = found, {name: [float(value) for value in values] for name, values in expected.items()}
    return STATE[key]


LONG = ("given-left-out", "given-alone")
"""Slips that only a mini-batch can have that is too long to be added up in full."""
KNOWN_TEXTS = {
    key: {name: (MISTAKES[name].title, MISTAKES[name].hint) for name in mistakes_in(key)}
    | {slip.name: (slip.title, slip.hint) for slip in SLIPS[key] if slip.name not in LONG}
    for key in SLIPS
}


@pytest.mark.parametrize(("key", "name"), [(key, name) for key in KNOWN_TEXTS for name in KNOWN_TEXTS[key]])
def test_the_value_of_each_known_mistake_leads_to_its_own_hint(key: str, name: str) -> None:
    question, expected = asked(key)
    assert name in expected, f"no formula in by_numpy for the slip {name} of {key}"
    ours = [error.value for error in question.known_errors() if error.name == name]
    assert sorted(ours) == pytest.approx(sorted(expected[name]), rel=1e-9)
    for value in expected[name]:
        for text in (repr(value), f"{value:.5g}", f"{value!r} * 1"):
            found = question.judge(text)
            assert found.result is KNOWN, text
            told = next(error for error in found.errors if error.name == name)
            assert (told.title, told.hint) == KNOWN_TEXTS[key][name]
            assert told.hint in found.text
            assert told.title in found.text


@pytest.mark.parametrize("key", ["loss", "grad_b", "grad_w"])
def test_what_is_left_out_of_a_long_mini_batch_is_named(key: str) -> None:
    """Of 12 samples the last 3 are listed, the sum over the others is given; NumPy adds up what a slip leaves."""
    x, y = line_data(5, 12)
    session = trained(on_data(x, y, lr=LR, batch_size=12, epochs=1))
    b, w = session.timeline.states(0)[1]
    r = b + w * x - y
    terms = {"loss": r**2 / 12, "grad_b": r / 6, "grad_w": r * x / 6}[key]
    found = question(session.step(0), key, facts_of(session, 0))
    assert found is not None
    assert found.partial
    for name, value in (
        ("given-left-out", terms[9:].sum()),
        ("given-alone", terms[:9].sum()),
        ("one-left-out", terms.sum() - terms[9]),
        ("one-left-out", terms.sum() - terms[10]),
        ("last-left-out", terms.sum() - terms[11]),
    ):
        judgement = found.judge(repr(float(value)))
        assert name in [error.name for error in judgement.errors], judgement.text


def test_the_table_holds_nothing_that_has_no_value() -> None:
    assert list(SLIPS) == [quantity.key for quantity in QUANTITIES]
    for key, texts in KNOWN_TEXTS.items():
        question, expected = asked(key)
        assert set(expected) == set(texts) == {error.name for error in question.known_errors()}
        slips = {slip.name for slip in SLIPS[key]}
        assert not slips & set(mistakes_in(key))
        assert len({slip.hint for slip in SLIPS[key]}) == len(slips)


def test_finding_the_values_changes_no_random_state() -> None:
    before = torch.random.get_rng_state()
    session = trained(on_data(*line_data(3, N), lr=LR, batch_size=B, epochs=3), 2)
    found = question(session.step(1), "w", facts_of(session, 1))
    assert found is not None
    assert len(found.known_errors()) > 10
    assert bool((torch.random.get_rng_state() == before).all())
