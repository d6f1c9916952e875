"""`python -m tests.terminal.record`: writes anew which strings Textual sends to a driver.

Of a few sessions, those lines are kept that bring something the shorter ones have not.
"""

from __future__ import annotations

import asyncio
import json
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path
from random import Random

from modtui.terminal.strings import SYNC, harmless
from tests.terminal import torture
from tests.terminal.test_equality import KEYS, on_a_demo
from tests.terminal.twin import Twin, drive, play

CORPUS = Path(__file__).with_name("strings.json")
PARTS = re.compile(r"\x1b\[[^@-~]*[@-~]|\x1b\][^\x07\x1b]*|[\x00-\x1a\x1c-\x1f]|[^\x00-\x1f]+")
# A line ends with LF, or where the next cursor position begins.
LINES = re.compile(r".+?(?:\n|(?=\x1b\[\d+;\d+H)|\Z)", re.S)


def features(data: str) -> set[str]:
    """Return what is in a string: sequences with the numbers taken out, SGR codes, scripts."""
    found = set()
    for part in PARTS.findall(data):
        if part.startswith("\x1b[") and part.endswith("m"):
            found.add("sgr " + re.sub(r"(\b[34]8;[25];)[\d;]*?(?=;[34]8|m)", r"\1", part))
        elif part[0] in "\x1b\n":
            found.add(re.sub(r"\d+", "0", part[:8]))
        else:
            found.update(f"text {ord(char) >> 7}" for char in part)
    return found


def kept(strings: Iterable[str]) -> list[str]:
    """Return the lines that have something the shorter ones have not."""
    seen: set[str] = set()
    chosen = []
    lines = {line for data in strings for line in LINES.findall(data)}
    for data in sorted(lines, key=lambda each: (len(each), each)):
        if not features(data) <= seen:
            seen |= features(data)
            chosen.append(data)
    return chosen


async def sessions() -> list[str]:
    """Play on both apps; return all that Textual wrote to draw."""
    strings: list[str] = []
    for seed in (1, 2):
        with tempfile.TemporaryDirectory() as folder:
            async with on_a_demo(Path(folder), seed) as app:
                twin = await drive(app, lambda pilot, s=seed: play(pilot, KEYS, Random(s), 60))
        strings += twin.strings
        app = torture.Torture(driver_class=Twin)
        twin = await drive(app, lambda pilot, s=seed: play(pilot, torture.KEYS, Random(s), 120))
        strings += twin.strings
    return [data for data in strings if data not in SYNC and not harmless(data)]


if __name__ == "__main__":
    chosen = kept(asyncio.run(sessions()))
    CORPUS.write_text(json.dumps(chosen, indent=0) + "\n", encoding="utf-8")
    print(len(chosen), "lines,", CORPUS.stat().st_size, "bytes")
