"""Draws the pictures of `screenshots/` from the app: `python tests/helpers/draw_screenshots.py [NAME …]`.

SVG always; PNG as well where Chromium is installed (`--no-png` leaves it out). Names of scenes draw only those.
`tour` is the moving picture, of which there is no PNG.
Look at them before committing.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any, Literal

from app_helpers import settle, wait
from hunt_helpers import drawing, right_key, round_of, seeds
from moving_picture import Frame, moving, self_contained

from tui_linreg.engine.config import RunConfig
from tui_linreg.settings import Settings
from tui_linreg.study.student.student import Student
from tui_linreg.tui.app import LinRegApp

FOLDER = Path(__file__).parents[2] / "screenshots"
PNG_WIDTH = 1600
_MARK = b"svg-sha256"


@dataclass(frozen=True, slots=True)
class Scene:
    """One picture: a run, a terminal's size, and the keys that lead there."""

    name: str
    size: tuple[int, int]
    keys: tuple[str, ...]
    options: dict[str, Any]
    last_bits: bool = False
    """Whether it shows the machine's last bits, so that elsewhere only its words are the same."""
    student: str = ""
    """A learner's file to run in the hand-written model's place."""
    start: Literal["auto", "first phase"] = "auto"
    secret: str | None = None
    """What a hunt plants; "answer" among the keys is the key of its right answer. Without one, what seed 1 draws."""


_TENTH = ("g", "1", "0", "enter")
_FORGOT_2 = """\
import torch


def update(x, y_true, y_pred, lr):
    dloss_dpred = (y_pred - y_true) / len(y_true)
    grad_b = dloss_dpred.sum()
    grad_w = torch.dot(dloss_dpred, x)
    return dloss_dpred, grad_b, grad_w, -lr * grad_b, -lr * grad_w
"""
SCENES = (
    Scene("main", (160, 45), (*_TENTH, "left", "left"), {}),
    Scene("compact", (80, 24), (*_TENTH, "left"), {}),
    Scene("loss", (160, 45), ("g", "6", "4", "enter", "2", "y", "m"), {}),
    Scene("code", (160, 45), (*_TENTH, "left", "c"), {}),
    Scene("edit", (160, 45), ("e",), {}),
    Scene("surface", (160, 45), ("g", "2", "0", "enter", "left", "1", "m"), {"lr": 0.05}),
    Scene("learning-rate", (160, 45), ("f2",), {"lr": 0.5}),
    Scene("landing", (160, 45), ("g", "6", "4", "enter", "f3"), {"lr": 0.1}),
    Scene("epoch-losses", (160, 45), ("g", "4", "8", "enter", "f4"), {}),
    Scene("gradient-check", (160, 45), (*_TENTH, "left", "f5"), {}, last_bits=True),
    Scene("bits", (160, 45), (*_TENTH, "left", "f6"), {}, last_bits=True),
    Scene(
        "runs",
        (160, 45),
        (*_TENTH, "p", "e", "0", "full_stop", "1", "enter", *_TENTH, "f7", "left"),
        {},
    ),
    Scene(
        "diabetes", (160, 45), ("g", "6", "4", "enter", "3"), {"dataset": "diabetes", "standardize": True, "lr": 0.1}
    ),
    Scene("derivation", (160, 45), (*_TENTH, "left", "d"), {}),
    Scene("lesson", (160, 45), ("L", *["down"] * 4, "enter", "enter", "enter", "l", "d", "escape", "enter", "H"), {}),
    Scene("hunt", (160, 45), ("f", "1", "enter", "f", "3", "enter"), {}),
    Scene("student", (160, 45), ("left", "right"), {}, student=_FORGOT_2),
    Scene("diverging", (160, 45), ("g", "1", "4", "0", "enter", "2", "y", "left", "right"), {"lr": 10.0, "epochs": 50}),
)


TOUR = Scene(
    "tour",
    (120, 36),
    (),
    {"seed": 2, "lr": 0.1, "noise": 20.0},
    start="first phase",
    secret="missing-2",
)
TOUR_STILL = 6
FRAMES = (
    Frame((), 2.0, "$ tui-linreg --seed 2 --lr 0.1 --noise 20"),
    Frame(("right",), 1.2, "→   predict: by hand and by torch.nn, = says the same bits"),
    Frame(("right",), 1.2, "→   loss"),
    Frame(("right",), 1.2, "→   error signal: ∂L/∂ŷ of each sample"),
    Frame(("right",), 1.2, "→   bias gradient"),
    Frame(("right",), 1.2, "→   weight gradient: ≈ says rounding, and how many floats apart"),
    Frame(("right",), 1.8, "→   update: the line moves"),
    Frame(("down",), 1.5, "↓   the next mini-batch"),
    Frame(("down", "1", "m"), 1.8, "1  m   the loss surface alone, and the path so far"),
    Frame(("down",), 2.0, "↓   the last batch is one sample alone: a long step aside"),
    Frame(("right_square_bracket",) * 4, 2.0, "]   four epochs on: near the lowest loss"),
    Frame(("m", "1", "f", "enter", "left", "left", "left"), 2.5, "f   find the mistake: ≠ says more than rounding"),
    Frame(("f", "answer"), 2.2, "f   which formula is wrong?"),
    Frame(("enter",), 3.0, "⏎   found: the 2 of the square's derivative is missing"),
)


async def draw(scene: Scene) -> str:
    """Return the scene as SVG."""
    return (await _pictures(scene, [scene.keys]))[0]


async def draw_tour() -> str:
    """Return the moving picture as SVG."""
    return moving(FRAMES, await _pictures(TOUR, [frame.keys for frame in FRAMES]), TOUR_STILL)


async def _pictures(scene: Scene, parts: Sequence[Sequence[str]]) -> list[str]:
    """Return the app's screen after each part of the keys."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        os.environ["TUI_LINREG_STATE"] = str(Path(folder) / "progress.json")
        student = None
        if scene.student:
            path = Path(folder) / "mine.py"
            path.write_text(scene.student, encoding="utf-8")
            student = stack.enter_context(Student(path))
        app = LinRegApp(RunConfig(device="cpu", **scene.options), Settings(start=scene.start), student)
        async with app.run_test(size=scene.size) as pilot:
            await wait(pilot, lambda: app.controller.loaded)
            schedule = app.controller.run.session.schedule
            stack.enter_context(drawing(1 if scene.secret is None else seeds(schedule)[scene.secret]))
            pictures = []
            for keys in parts:
                for key in keys:
                    await pilot.press(right_key(round_of(app).hunt) if key == "answer" else key)
                    await settle(app, pilot)
                    await wait(pilot, lambda: app.controller.work.busy is None)
                    await settle(app, pilot)
                pictures.append(self_contained(app.export_screenshot(title="tui-linreg")))
            return pictures


def words(svg: str, last_bits: bool = False) -> str:
    """Return what an SVG says but in its last line, the footer, without what depends on the last bits (digits, =, ≈).

    Of a picture that shows these bits themselves, only the words remain.
    """
    parts = re.findall(r"<text[^>]*line-([0-9]+)\)[^>]*>([^<]*)</text>", svg)
    last = max(int(line) for line, _ in parts)
    said = "".join(unescape(part) for line, part in parts if int(line) < last).replace("\xa0", " ")
    said = re.sub(r"(\d\.\d{8})\d+", r"\1", said)
    said = re.sub(r"(\d+ [=≈] (identical|rounding) *)+", " verdicts ", said)
    said = re.sub(r"[=≈] (identical|rounding \S+ ulp)", " verdict ", said)
    said = " ".join(re.sub(r"≈[\d+?]*|=", "~", said).split())
    return " ".join(re.findall(r"[^\W\d_]{3,}", said)) if last_bits else said


def digest_in(png: bytes) -> str | None:
    """Return the digest of the SVG that a PNG was drawn from."""
    found = re.search(_MARK + rb"\x00([0-9a-f]{64})", png)
    return None if found is None else found.group(1).decode()


def digest(svg: str) -> str:
    """Return what stands in the PNG for this SVG."""
    return hashlib.sha256(svg.encode()).hexdigest()


def _png(svg: Path, browser: str) -> bytes:
    """Return the picture as a browser draws it, with the SVG's digest in a text chunk."""
    text = svg.read_text(encoding="utf-8")
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)', text)
    assert box is not None
    height = round(float(box[2]) * PNG_WIDTH / float(box[1]))
    with tempfile.TemporaryDirectory() as folder:
        page, out = Path(folder) / "page.html", Path(folder) / "out.png"
        page.write_text(f"<body style='margin:0'><img src='{svg.resolve().as_uri()}' width='{PNG_WIDTH}'>", "utf-8")
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-background-networking"]
        subprocess.run(
            [browser, *flags, f"--user-data-dir={folder}/profile", f"--window-size={PNG_WIDTH},{height}",
             f"--screenshot={out}", page.as_uri()], check=True, capture_output=True,
        )  # fmt: skip
        picture = out.read_bytes()
    body = b"tEXt" + _MARK + b"\x00" + digest(text).encode()
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return picture[:33] + chunk + picture[33:]


def browser_path() -> str | None:
    """Return what draws a PNG from an SVG, None where there is nothing that can."""
    return shutil.which("chromium") or shutil.which("google-chrome")


def main() -> None:
    """Draw the scenes named as arguments; without a name all of them."""
    FOLDER.mkdir(exist_ok=True)
    names = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    known = [scene.name for scene in (*SCENES, TOUR)]
    if unknown := set(names) - set(known):
        sys.exit(f"no scene is called {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    browser = None if "--no-png" in sys.argv else browser_path()
    for scene in SCENES:
        if names and scene.name not in names:
            continue
        path = FOLDER / f"{scene.name}.svg"
        path.write_text(asyncio.run(draw(scene)), encoding="utf-8")
        if browser is not None:
            path.with_suffix(".png").write_bytes(_png(path, browser))
        print(path.name)
    if not names or TOUR.name in names:
        (FOLDER / f"{TOUR.name}.svg").write_text(asyncio.run(draw_tour()), encoding="utf-8")
        print(f"{TOUR.name}.svg")


if __name__ == "__main__":
    main()
