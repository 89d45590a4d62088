"""The moving picture of the README: frames of the app, one after the other in one SVG, animated by CSS alone.

Lines of the screen that stay as they are over several frames are stored once. Nothing is loaded from outside.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import accumulate, groupby, pairwise
from math import isclose
from operator import itemgetter


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame: the keys that lead to it from the frame before, how long it stands, and what is written below it."""

    keys: tuple[str, ...]
    seconds: float
    caption: str


_RECT = re.compile(r'<rect fill="([^"]*)" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="24.65"[^>]*/>')
_TEXT = re.compile(r'<text [^>]*-line-(\d+)\)">(.*?)</text>', re.DOTALL)
_SHOWN = re.compile(r'<g class="f(\d+)-(\d+)">(.*?)</g>', re.DOTALL)
_FONT = "Fira Code, ui-monospace, Menlo, Consolas, DejaVu Sans Mono, monospace"
_CAPTION_HEIGHT = 62


def self_contained(svg: str) -> str:
    """Return an SVG of Textual's without its fonts, which a browser would fetch from another host."""
    return re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL)


def moving(frames: Sequence[Frame], pictures: Sequence[str], still: int) -> str:
    """Return one SVG that shows `pictures`, which are Textual's SVGs of one size, for the time `frames` say.

    Where motion is not wanted, frame number `still` (from 0) is shown.
    """
    styles: dict[str, str] = {}
    parts = [_parts(_renamed(picture, styles)) for picture in pictures]
    for k, frame in enumerate(frames):
        parts[k]["caption"] = f'<text class="caption" x="24" y="40">{escape(frame.caption)}</text>'
    spans = [(first, last, key, part) for key in sorted(set().union(*parts)) for first, last, part in _runs(parts, key)]
    # What is drawn later lies above: first all backgrounds, then all texts.
    groups = {above: "".join(f'<g class="f{a}-{b}">{part}</g>\n' for a, b, key, part in spans if key.startswith(above))
              for above in ("rect", "text", "caption")}  # fmt: skip
    ends = [0.0, *accumulate(frame.seconds for frame in frames)]
    shown = sorted({(first, last) for first, last, _, _ in spans} - {(0, len(frames) - 1)})
    size = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', pictures[0])
    clips = re.search(r"<clipPath.*</clipPath>", pictures[0], re.DOTALL)
    window = re.search(r'<rect fill="#292929".*?/>', pictures[0])
    assert size is not None
    assert clips is not None
    assert window is not None
    height = float(size[2])
    rules = [f".{name} {{{rule}}}" for rule, name in styles.items()]
    for first, last in shown:
        start, end = (f"{100 * ends[k] / ends[-1]:.3f}%" for k in (first, last + 1))
        hidden, visible = "{visibility:hidden}", "{visibility:visible}"
        steps = ("" if first == 0 else f"0% {hidden} ") + f"{start} {visible}"
        steps += "" if last == len(frames) - 1 else f" {end} {hidden}"
        rules.append(f"@keyframes k{first}-{last} {{{steps}}}")
        rest = "visible" if first <= still <= last else "hidden"
        timing = f"k{first}-{last} {ends[-1]:g}s step-end infinite"
        rules.append(f".f{first}-{last} {{visibility:{rest};animation:{timing}}}")
    rules.append("@media (prefers-reduced-motion:reduce) {g {animation:none!important}}")
    return "\n".join(
        (
            f'<svg viewBox="0 0 {size[1]} {height + _CAPTION_HEIGHT:g}" xmlns="http://www.w3.org/2000/svg">',
            "<style>",
            f".matrix {{font:20px {_FONT}}}",
            "rect {shape-rendering:crispEdges}",
            ".caption {font:bold 29px system-ui, sans-serif;fill:#ffb347;white-space:pre}",
            *rules,
            "</style>",
            f"<defs>{_renamed(clips[0], styles)}</defs>",
            window[0].replace(f'height="{height - 2:g}"', f'height="{height + _CAPTION_HEIGHT - 2:g}"'),
            '<g transform="translate(26,22)"><circle r="7" fill="#ff5f57"/><circle cx="22" r="7" fill="#febc2e"/>'
            '<circle cx="44" r="7" fill="#28c840"/></g>',
            '<svg x="9" y="41" class="matrix">',
            groups["rect"] + groups["text"] + "</svg>",
            f'<svg x="0" y="{height - 4:g}">{groups["caption"]}</svg>',
            "</svg>\n",
        )
    )


def frames_in(svg: str) -> list[str]:
    """Return what stands in each frame of a moving picture, line by line, as SVG."""
    groups = [(int(first), int(last), part) for first, last, part in _SHOWN.findall(svg)]
    count = 1 + max(last for _, last, _ in groups)
    return ["".join(part for first, last, part in groups if first <= k <= last) for k in range(count)]


def _parts(picture: str) -> dict[str, str]:
    """Return the backgrounds and texts of each line of the screen, by "rect" and "text" and where they stand."""
    screen = picture[picture.index('<g transform="translate(9, 41)"') :]
    parts: defaultdict[str, str] = defaultdict(str)
    for (fill, top), rects in groupby(_RECT.findall(screen), key=itemgetter(0, 2)):
        # Neighbours of one colour become one; they touch, since every cell has a background.
        own = [(float(left), float(width)) for _, left, _, width in rects]
        width = own[-1][0] + own[-1][1] - own[0][0]
        assert isclose(width, sum(each for _, each in own), abs_tol=1)
        parts[f"rect {float(top):07.1f}"] += (
            f'<rect fill="{fill}" x="{own[0][0]:g}" y="{top}" width="{width:g}" height="24.65"/>'
        )
    for found in _TEXT.finditer(screen):
        if found[2].strip():
            parts[f"text {int(found[1]):03}"] += found[0]
    return parts


def _runs(parts: Sequence[dict[str, str]], key: str) -> Iterator[tuple[int, int, str]]:
    """Yield the first and the last frame in which a part stays as it is, and the part."""
    starts = [0, *(k for k in range(1, len(parts)) if parts[k].get(key) != parts[k - 1].get(key)), len(parts)]
    for start, end in pairwise(starts):
        if part := parts[start].get(key):
            yield start, end - 1, part


def _renamed(picture: str, styles: dict[str, str]) -> str:
    """Return a picture whose names are the same in all of them: a name for each style, which are added to `styles`."""
    rules = re.findall(r"\.(terminal-\d+-r\d+) \{ ([^}]*) \}", picture)
    names = {name: styles.setdefault(rule, f"r{len(styles) + 1}") for name, rule in rules}
    picture = re.sub(r"terminal-\d+-r\d+", lambda found: names[found[0]], picture)
    return re.sub(r"terminal-\d+-(line|clip)", r"t-\1", picture)
