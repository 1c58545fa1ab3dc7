"""Record the terminal demo for the README: `python docs/record_demo.py`, which writes docs/demo.svg.

The conversations are held as the demo holds them. Several times a second rich exports what a terminal would show as an
SVG; these pictures become one that moves. Where nothing moves, or nobody wants it to, the last of them is shown.
"""

from __future__ import annotations

import argparse
import asyncio
import html
import io
import math
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme

from gemini_live_interrupt.demo._command import CASES, MODEL, PROFILES, SPEEDS
from gemini_live_interrupt.demo._messages import ConversationProgress, Record, Wish
from gemini_live_interrupt.demo._screen import Both, Dashboard
from gemini_live_interrupt.demo._stage import hold_both
from gemini_live_interrupt.demo._summary import scene

COLUMNS, ROWS = 92, 31
PACE = 2.0
"""How many seconds of the conversations pass in one."""
STEP, LAST, STAY = 0.2, 1.0, 8.0
"""Seconds between two pictures, from the last but one to the last, and for which that stays."""
COLUMN, LINE, FONT = 12.2, 24.4, 20
"""Pixels, as rich has them."""
BRIGHT = [(110, 118, 129), (255, 166, 158), (126, 231, 135), (227, 179, 65), (121, 192, 255), (210, 168, 255)]
NORMAL = [(72, 79, 88), (255, 123, 114), (86, 211, 100), (210, 153, 34), (88, 166, 255), (188, 140, 255)]
CYAN, WHITE = (118, 227, 234), (230, 237, 243)
COLOURS = TerminalTheme((13, 17, 23), WHITE, [*NORMAL, CYAN, WHITE], [*BRIGHT, CYAN, WHITE])
"""Readable on dark and, as the picture has a ground of its own, on light pages."""
STYLE = re.compile(r"\.demo-(r\d+) {([^}]*)}")
RUN = re.compile(r'<text class="demo-(r\d+)" x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)</text>')
SPACE = "\N{NO-BREAK SPACE}"
FILE = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="-14 -10 {width:.0f} {height:.0f}" role="img">
<title>{title}</title>
<style>
text{{font:{font}px ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace}}
.h{{visibility:hidden}}
{styles}
{movements}
@media(prefers-reduced-motion:reduce){{text{{animation:none!important}}}}
</style>
<rect x="-14" y="-10" width="100%" height="100%" rx="10" fill="{background}" stroke="#30363d"/>
{runs}
</svg>
"""


@dataclass(frozen=True, slots=True)
class Run:
    """Characters beside each other, where they begin, and their style as CSS."""

    style: str
    x: float
    y: float
    text: str


Pictures = Sequence[tuple[float, frozenset[Run]]]
"""What was to be seen, and from when on, in seconds."""


def picture(dashboard: Dashboard) -> frozenset[Run]:
    """Have rich export what a terminal would show."""
    console = Console(record=True, file=io.StringIO(), width=COLUMNS, height=ROWS, force_terminal=True)
    console.print(dashboard, height=ROWS)
    exported = console.export_svg(theme=COLOURS, code_format="{styles}\f{matrix}", unique_id="demo")
    styles, _, matrix = exported.partition("\f")
    css = {name: rules.strip(" ;") for name, rules in STYLE.findall(styles)}
    runs = set()
    for name, x, y, escaped in RUN.findall(matrix):
        text = html.unescape(escaped)
        before = len(text) - len(text.lstrip())
        runs.add(Run(css[name], round(float(x) + before * COLUMN, 1), float(y), text.strip()))
    return frozenset(run for run in runs if run.text)


async def hold(wish: Wish) -> tuple[dict[Wish, list[ConversationProgress]], list[Record]]:
    """Hold the conversations; return how they went on, and their records."""
    progress: dict[Wish, list[ConversationProgress]] = defaultdict(list)
    records, complaints = await hold_both(wish, lambda held, news: progress[held].append(news))
    if complaints:
        raise SystemExit(complaints)
    return progress, records


def record(wish: Wish) -> Pictures:
    """Return the pictures of the conversations, which begin with the first words of each."""
    progress, records = asyncio.run(hold(wish))
    both = Both()
    dashboard = Dashboard(scene(wish), both)
    pictures: list[tuple[float, frozenset[Run]]] = []
    seconds = max(news[-1].at - news[0].at for news in progress.values())
    for step in range(math.ceil(seconds / PACE / STEP) + 1):
        for held, news in progress.items():
            both.follow(held, [new for new in news if new.at - news[0].at <= step * STEP * PACE][-1])
        pictures.append((step * STEP, picture(dashboard)))
    both.end(records)
    pictures.append((pictures[-1][0] + LAST, picture(dashboard)))
    return pictures


def animate(title: str, pictures: Pictures) -> str:
    """Make one picture of them. What is the same in several of them is in it once."""
    seconds = pictures[-1][0] + STAY
    changes: defaultdict[Run, list[tuple[float, bool]]] = defaultdict(list)
    shown: frozenset[Run] = frozenset()
    for at, runs in pictures:
        for run in runs ^ shown:
            changes[run].append((at, run in runs))
        shown = runs
    styles = {style: f"r{number}" for number, style in enumerate(dict.fromkeys(run.style for run in changes))}
    movements = {tuple(times): "" for times in changes.values() if times != [(0.0, True)]}
    movements = {times: f"m{number}" for number, times in enumerate(movements)}
    return FILE.format(
        title=html.escape(title),
        font=FONT,
        width=COLUMNS * COLUMN + 28,
        height=ROWS * LINE + 20,
        background=COLOURS.background_color.hex,
        styles="\n".join(f".{name}{{{style}}}" for style, name in styles.items()),
        movements="\n".join(movement(name, times, seconds) for times, name in movements.items()),
        runs="\n".join(
            element(run, [styles[run.style], movements.get(tuple(times), ""), "" if run in shown else "h"])
            for run, times in sorted(changes.items(), key=lambda item: (item[0].y, item[0].x))
        ),
    )


def movement(name: str, times: Sequence[tuple[float, bool]], seconds: float) -> str:
    """Return the CSS for what comes and goes at these times."""
    steps = times if times[0][0] == 0.0 else [(0.0, False), *times]
    frames = "".join(f"{at / seconds:.1%}{{visibility:{'visible' if on else 'hidden'}}}" for at, on in steps)
    return f"@keyframes {name}{{{frames}}}.{name}{{animation:{name} {seconds:.1f}s step-end infinite}}"


def element(run: Run, classes: Sequence[str]) -> str:
    """Return the characters as SVG."""
    width = round(len(run.text) * COLUMN, 1)
    named = " ".join(filter(None, classes))
    return f'<text class="{named}" x="{run.x:g}" y="{run.y:g}" textLength="{width:g}">{html.escape(run.text)}</text>'


def main() -> None:
    """Write the file that the command line names."""
    parser = argparse.ArgumentParser(description="Record the terminal demo as an SVG that moves.")
    parser.add_argument("file", nargs="?", type=Path, default=Path(__file__).with_name("demo.svg"))
    file = parser.parse_args().file
    wish = Wish(case=CASES[0], profile=PROFILES[0], model=MODEL, live=False, library=True, speed=SPEEDS[1])
    file.write_text(animate(scene(wish), record(wish)), "utf-8")


if __name__ == "__main__":
    main()
