"""The panels of the gradient check and the bits, and the chart of finite differences: against the engine and NumPy."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from engine_helpers import small, trained
from panel_views import view_at, written

from tui_linreg.engine.phases import QUANTITIES, Phase
from tui_linreg.engine.training.session import Session
from tui_linreg.engine.training.timeline import Timeline
from tui_linreg.tui.charts.records import CHARTS
from tui_linreg.tui.instruments import bits, gradient_check
from tui_linreg.tui.instruments.common import stacked
from tui_linreg.tui.styles import Line

SIZES = ((92, 23), (80, 19), (60, 13))


def cells(row: str, label: int = 20, room: int = 34) -> list[str]:
    return [row[label : label + room].strip(), row[label + room :].strip()]


# ── gradient check ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_check_shows_the_three_witnesses_and_what_is_reached() -> None:
    session = trained(small())
    step = session.step(1)
    check = view_at(session, 1, Phase.UPDATE).instruments.gradient_check(step)
    found = {phase: written(gradient_check.lines(view_at(session, 1, phase), 92, 23)) for phase in Phase}
    for phase, rows in found.items():
        row = next(r for r in rows if r.startswith("by hand "))
        reached = [phase >= Phase.BIAS_GRADIENT, phase >= Phase.WEIGHT_GRADIENT]
        expected = [repr(step.scratch.grad_b), repr(step.scratch.grad_w)]
        assert cells(row) == [value if there else "·" for value, there in zip(expected, reached, strict=True)]
    rows = found[Phase.UPDATE]
    assert cells(next(r for r in rows if r.startswith("autograd"))) == [
        repr(step.torch.grad_b),
        repr(step.torch.grad_w),
    ]
    central = cells(next(r for r in rows if r.startswith("central")))
    assert central == [repr(check.b.central), repr(check.w.central)]
    # MSE is quadratic: the derivative is the same as the two losses' difference, in plain Python floats too
    x, y = step.x.tolist(), step.y.tolist()
    b, w, h = step.scratch.b_before, step.scratch.w_before, 0.5
    up, down = (np.mean([(b + (w + d) * i - j) ** 2 for i, j in zip(x, y, strict=True)]) for d in (h, -h))
    assert float(central[1]) == pytest.approx((up - down) / (2 * h), rel=1e-9)
    assert cells(next(r for r in rows if "with h" in r)) == [f"{check.b.h:g}", f"{check.w.h:g}"]
    assert cells(next(r for r in rows if "odd one" in r)) == ["none", "none"]


@pytest.mark.parametrize("size", SIZES)
def test_a_wrong_gradient_is_the_odd_one_out(size: tuple[int, int]) -> None:
    session = trained(small(mistake="no-x"), 3)
    text = "\n".join(written(gradient_check.lines(view_at(session, 2, Phase.UPDATE), *size)))
    row = next(r for r in text.splitlines() if r.startswith("odd one out"))
    assert row.split() == ["odd", "one", "out", "none", "✗", "by", "hand"]
    assert "✗ probably wrong" in next(r for r in text.splitlines() if r.startswith("by hand it is"))
    assert "≤ 1e-9 fine" in text or size[1] < 19


def test_it_says_when_autograd_was_asked_again() -> None:
    right, wrong = (trained(small(mistake=mistake), 3) for mistake in (None, "no-x"))
    said = ["asked again" in str(gradient_check.lines(view_at(s, 2, Phase.UPDATE), 92, 23)) for s in (right, wrong)]
    assert said == [False, True]


def test_no_gradient_is_no_error() -> None:
    session = trained(small(noise=0.0, epochs=400, lr=0.3))
    rows = written(gradient_check.lines(view_at(session, session.trained - 1, Phase.UPDATE), 92, 23))
    assert cells(next(r for r in rows if r.startswith("by hand it is"))) == ["≈ gradient ≈ 0"] * 2


# ── the chart of finite differences ──────────────────────────────────────────────────────────────────────────────────


def test_the_chart_waits_for_the_gradient_and_draws_every_error() -> None:
    session = trained(small(), 2)
    assert CHARTS[7].make(view_at(session, 1, Phase.BIAS_GRADIENT)).series == ()
    view = view_at(session, 1, Phase.WEIGHT_GRADIENT)
    chart, sweep = CHARTS[7].make(view), view.instruments.sweep(view.step)
    assert chart.log_x
    assert chart.log_y
    marks = {s.color: s for s in chart.series if s.kind == "points"}
    drawn = {s.color: s for s in chart.series if s.kind == "line" and s.color in marks}
    of = {"central": ("float64", "central"), "forward": ("float64", "forward"), "central f32": ("float32", "central"),
          "forward f32": ("float32", "forward")}  # fmt: skip
    assert [mark.label for mark in marks.values()] == list(of)
    assert chart.y_range is not None
    for color, mark in marks.items():
        dtype, kind = of[mark.label]
        errors = getattr(sweep.curves[dtype, "w"], kind)
        np.testing.assert_array_equal(drawn[color].x, sweep.h)
        np.testing.assert_array_equal(drawn[color].y, np.maximum(errors, chart.y_range[0]))
        assert (np.asarray(drawn[color].y) <= chart.y_range[1]).all()
        assert (mark.x[0], mark.y[0]) in zip(sweep.h, drawn[color].y, strict=True), "its marker lies on the curve"
    assert len({float(mark.x[0]) for mark in marks.values()}) == 4, "no two markers at one h"
    guides = [s.y[0] for s in chart.series if s.kind == "line" and s.color == "muted"]
    assert guides == [1e-9, 1e-6]
    assert "gradient check" in chart.y_label


def test_an_error_of_zero_is_drawn_at_the_bottom_edge() -> None:
    session = trained(small(train_size=1, noise=0.0), 1)
    view = view_at(session, 0, Phase.UPDATE)
    errors = view.instruments.sweep(view.step).curves["float64", "w"].central
    chart = CHARTS[7].make(view)
    assert chart.y_range is not None
    drawn = next(s for s in chart.series if s.kind == "line" and s.color == "dloss_dpred")
    assert (np.asarray(drawn.y)[errors == 0] == chart.y_range[0]).all()
    assert len(drawn.y) == len(errors)


# ── bits ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def bits_at(session: Session, step: int, phase: Phase) -> list[str]:
    return written(bits.lines(view_at(session, step, phase), 92, 23))


def pattern(value: float, single: bool) -> str:
    return "".join(f"{byte:08b}" for byte in struct.pack(">f" if single else ">d", value))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("width", [92, 80, 60])
def test_the_bits_are_those_of_the_two_numbers(width: int, dtype: str) -> None:
    session, single = trained(small(dtype=dtype, seed=3), 4), dtype == "float32"
    for quantity in QUANTITIES:
        for number in range(4):
            view = view_at(session, number, quantity.phase)
            rows = written(bits.lines(view, width, 40))
            head = f"{quantity.symbol} " if quantity.vector else quantity.formula
            at = next(i for i, r in enumerate(rows) if r.startswith(head))
            sides = [getattr(s, quantity.key + "_after" * (quantity.phase is Phase.UPDATE))
                     for s in (view.step.scratch, view.step.torch)]  # fmt: skip
            values = [float(r[9:35]) for r in rows[at + 1 : at + 3]]
            if quantity.vector:
                a, b = (s.numpy().astype(np.float64) for s in sides)
                row = int(rows[at].split("sample ")[1].split(";")[0]) - view.step.place.start
                assert f"{(a != b).sum()} of {len(a)} differ" in rows[at]
                apart = np.abs(a - b) / np.spacing(np.abs(sides[0].numpy()))
                assert apart[row] >= apart.max() / 2  # a ulp is worth half where a power of two is passed
                sides = [float(a[row]), float(b[row])]
            if not single:
                assert values == sides
            shown = [r[9:].replace("│", "") for r in rows[at + 4 : at + 6]]
            marks = rows[at + 6][9:]
            if width == 60 and not single:
                shown = [one + r[9:] for one, r in zip(shown, rows[at + 7 : at + 9], strict=True)]
                marks = marks.ljust(1 + 11 + 26 + 2) + rows[at + 9][9:]
            assert shown == [pattern(value, single) for value in sides]
            pipes = {1, 10 if single else 13}
            marked = "".join(m for i, m in enumerate(marks.ljust(80)) if i not in pipes)[: len(shown[0])]
            assert marked == "".join("^" if p != q else " " for p, q in zip(*shown, strict=True))
            assert all(hex(int(p, 2))[2:] in r for p, r in zip(shown, rows[at + 1 : at + 3], strict=True))


def test_nothing_is_shown_before_it_is_computed_and_both_parameters_after() -> None:
    session = trained(small(), 2)
    first = bits_at(session, 1, Phase.BATCH)
    assert "Nothing of this mini-batch is computed yet" in first[0]
    assert not any("0x" in row for row in first)
    last = bits_at(session, 1, Phase.UPDATE)
    heads = [row.split(" ")[0] for row in last if "←" in row]
    assert heads == ["b", "w"]


@pytest.mark.parametrize("arithmetic", ["notebook", "kernel", "update"])
def test_the_counts_are_those_of_the_steps_so_far(arithmetic: str) -> None:
    session = trained(small(arithmetic=arithmetic, epochs=6))
    steps = [session.step(k) for k in range(session.trained)]
    for at, phase in ((0, Phase.BATCH), (3, Phase.PREDICT), (9, Phase.LOSS), (12, Phase.UPDATE)):
        row = next(r for r in bits_at(session, at, phase) if r.startswith("identical steps"))
        words = row.split(": ")[1].split()
        for i, (name, key, since) in enumerate((("L", "loss", 3), ("b", "b", 7), ("w", "w", 7))):
            known = steps[: at + (phase >= since)]
            same = sum(step.comparisons[key].unequal == 0 for step in known)
            assert words[4 * i : 4 * i + 4] == [name, str(same), "of", str(len(known))]
    forms = written(bits.lines(view_at(session, 0, Phase.UPDATE), 92, 40))
    kernel = {"notebook": [False] * 3, "kernel": [True] * 3, "update": [False, False, True]}[arithmetic]
    assert ["notebook form" in row for row in forms if " form " in row] == kernel


def test_the_counts_are_numpys() -> None:
    random = np.random.default_rng(5)
    timeline, size = Timeline(2, [0.0] * 4), 20_017
    rows = random.normal(size=(size, 8))
    pairs = {"L": (4, 5, 0.9), "b": (0, 2, 0.3), "w": (1, 3, 0.6)}
    for ours, theirs, share in pairs.values():
        rows[:, theirs] = np.where(random.random(size) < share, rows[:, ours], np.nextafter(rows[:, ours], 9))
    timeline.extend(rows)
    for start, stop in ((0, 0), (0, 1), (3, 5), (4096, size - 1), (0, size)):
        for name, (ours, theirs, _) in pairs.items():
            expected = (rows[start:stop, ours] == rows[start:stop, theirs]).sum()
            assert bits.count_same(timeline, name, start, stop) == expected


def test_of_a_long_run_the_last_steps_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bits, "_BLOCK", 4)
    monkeypatch.setattr(bits, "_MOST_BLOCKS", 2)
    session = trained(small(arithmetic="kernel", epochs=5))
    for step, start in ((11, 0), (12, 4), (17, 8)):
        row = next(r for r in bits_at(session, step, Phase.UPDATE) if "identical steps" in r)
        assert row.startswith(f"identical steps {f'from step {start + 1} on' if start else 'so far'}: ")
        assert row.split()[-1] == str(step + 1 - start)


def test_groups_go_by_importance_and_blanks_first() -> None:
    def group(name: str, lines: int) -> list[Line]:
        return [[(name, "text")]] * lines

    groups = [(0, group("a", 2)), (2, group("b", 2)), (1, group("c", 1))]
    assert written(stacked(groups, 9)) == ["a", "a", "", "b", "b", "", "c"]
    assert written(stacked(groups, 6)) == ["a", "a", "", "b", "b", "c"]
    assert written(stacked(groups, 4)) == ["a", "a", "", "c"]
    assert written(stacked(groups, 3)) == ["a", "a", "c"]
    assert written(stacked(groups, 1)) == ["a"]
