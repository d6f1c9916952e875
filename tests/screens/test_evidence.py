"""The raw text of a post: read safely on a sheet, kept in a file, and counted on the screen."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import replace
from functools import partial
from itertools import takewhile
from pathlib import Path

import pytest

from modtui.cli.running import _evidence
from modtui.domain.model import Flag, Post
from modtui.domain.text import clean
from modtui.screens.evidence import LinkSheet
from modtui.widgets.thread_rows import MOST_LINES
from tests.disks import fill, small_disk
from tests.screens.grid import grid
from tests.screens.play import Play, playing
from tests.screens.sketches import NOW, canned_flags, canned_posts
from tests.screens.stage import FakeEngine, staged
from tests.security.poison import EVERYTHING

RAW = "pay\u202ehere\x1b]0;title\x07 <U+0041> \u200bnow\nnext line"


def saying(raw: str, engine: FakeEngine | None = None) -> FakeEngine:
    """A stage whose first thread begins with a post of `raw`."""
    engine = engine or staged()
    first, *rest = canned_posts(1)
    said = clean(raw)
    first = replace(first, text=said.text, raw=said.raw, hidden=said.hidden)
    engine.posts[1] = (first, *rest)
    return engine


def shown(play: Play) -> str:
    return "\n".join(grid(play.app))


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_hidden_characters_are_counted_and_named(size: tuple[int, int]) -> None:
    async with playing(saying(RAW), size) as play:
        assert "contains hidden characters (3)" in shown(play)
        await play.press("o")
        assert isinstance(play.app.screen, LinkSheet)
        text = " ".join(shown(play).split())
        assert "pay<U+202E>here<U+001B>]0;title<U+0007> <U+0041> <U+200B>now" in text
        for name in ("U+202E right-to-left override", "U+001B escape", "U+200B zero width space"):
            assert name in text
        await play.press("q")
        assert play.app.screen is play.queue


async def test_the_raw_text_is_written_to_a_file_and_its_path_is_said(tmp_path: Path) -> None:
    kept: list[tuple[str, bytes]] = []

    def keep(name: str, content: bytes) -> str:
        kept.append((name, content))
        return str(tmp_path / "evidence.json")

    async with playing(saying(EVERYTHING), (120, 40)) as play:
        play.app.evidence = keep
        await play.press("o", "s")
        assert "written:" in shown(play)
        assert "evidence.json" in shown(play).replace("\n", "")
    ((name, content),) = kept
    assert name == "thread-1"
    assert content.isascii()
    said = json.loads(content)
    assert base64.b64decode(said["raw_base64"]).decode() == clean(EVERYTHING).raw == EVERYTHING
    assert said["hidden_characters"] == clean(EVERYTHING).hidden


async def test_a_demo_keeps_nothing_and_says_so() -> None:
    async with playing(saying(RAW), (120, 40)) as play:
        await play.press("o", "s")
        assert "nothing is kept here" in shown(play)


def told(play: Play) -> str:
    """What the sheet says above its rows, without the spaces at which it may be broken."""
    assert isinstance(play.app.screen, LinkSheet)
    lines = ("".join(text for text, _ in row) for row in play.app.screen.sheet.rows)
    return "".join(takewhile(bool, (line.replace(" ", "") for line in lines)))


async def test_on_a_full_disk_nothing_is_half_written_and_the_same_key_tries_again(
    tmp_path: Path,
) -> None:
    raw = "pay here " * 10_000
    with small_disk(tmp_path / "disk", megabytes=8) as disk:
        folder = disk / "state" / "evidence"
        fill(disk)
        async with playing(saying(raw)) as play:
            play.app.evidence = partial(_evidence, folder)
            await play.press("o", "s")
            assert told(play) == (
                f"not written: No space left on device ({folder});"
                " the raw text stays in the queue, the same key tries again"
            ).replace(" ", "")
            assert not any(folder.rglob("*"))
            (disk / "filling").unlink()
            await play.press("s")
            assert told(play).startswith(f"written:{folder}")
        [file] = folder.iterdir()
        assert base64.b64decode(json.loads(file.read_text())["raw_base64"]).decode() == raw


async def test_a_post_of_ten_thousand_lines_says_what_is_left_and_o_shows_it() -> None:
    async with playing(saying("a\n" * 100_000), (120, 40)) as play:
        await play.press("enter")
        pane = play.room.pane  # type: ignore[attr-defined]
        said = ["".join(text for text, _ in row) for row in pane.posts._rows.rows]
        left = next(line for line in said if "more lines, o shows them" in line)
        assert int(left.split("…")[1].split()[0]) + MOST_LINES >= 9_990
        await play.press("o")
        assert isinstance(play.app.screen, LinkSheet)
        assert len(play.app.screen.sheet.rows) > 9_990


def many(count: int) -> tuple[tuple[Post, ...], tuple[Flag, ...]]:
    """`count` posts in one thread, a tenth of them flagged."""
    (first, *_), (flag, *_) = canned_posts(1), canned_flags(1)
    posts = tuple(
        replace(first, remote_id=f"p{n}", is_subject=n == 0, text=clean(f"post {n}").text)
        for n in range(count)
    )
    flags = tuple(
        replace(flag, remote_id=f"f{n}", post=f"p{n}", at=NOW) for n in range(0, count, 10)
    )
    return posts, flags


async def cost_of_moving(count: int) -> float:
    """CPU seconds of ten steps through a thread of `count` posts."""
    engine = staged()
    engine.posts[1], engine.flags[1] = many(count)
    async with playing(engine, (120, 40)) as play:
        await play.press("enter", "j")
        begun = time.process_time()
        await play.press(*"jjjjjjjjjj")
        return time.process_time() - begun


async def test_ten_thousand_posts_do_not_slow_the_keys() -> None:
    few, lots = await cost_of_moving(300), await cost_of_moving(10_000)
    assert lots < 4 * few


async def test_in_ten_thousand_posts_the_ends_and_the_flags_are_reached() -> None:
    engine = staged()
    engine.posts[1], engine.flags[1] = many(10_000)
    async with playing(engine, (120, 40)) as play:
        await play.press("enter")
        posts = play.room.pane.posts  # type: ignore[attr-defined]
        assert "↓ 9700 later posts" in "".join(t for row in posts._rows.rows for t, _ in row)
        await play.press("G")
        assert posts.cursor == "p9999"
        assert "post 9999" in shown(play)
        assert posts.on_screen
        await play.press("K")
        assert posts.cursor == "p9990"
        assert posts.on_screen
        await play.press("home", "J")
        assert posts.cursor == "p10"
        assert posts.on_screen
