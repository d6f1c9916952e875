"""Whatever a platform says, nothing that steers a terminal comes out of a painter."""

from __future__ import annotations

import asyncio
import json
import random
import tempfile
import time
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from modtui.cli import plain
from modtui.domain.decide import Case
from modtui.domain.people import AuthorRecord
from modtui.domain.views import QueueFilter, ThreadDetail
from modtui.engine.accounts import Plan, Runtime
from modtui.engine.intake import Intake
from modtui.engine.live import LiveEngine
from modtui.engine.pieces import Source
from modtui.screens.evidence import link_rows
from modtui.screens.here import says
from modtui.widgets.author_rows import known_rows, written_rows
from modtui.widgets.cells import Row
from modtui.widgets.host import Moment
from modtui.widgets.ledger_rows import deadline_rows, ledger_rows
from modtui.widgets.queue_rows import Look, columns, row_cells
from modtui.widgets.thread_head import head_rows, stacked_head
from modtui.widgets.thread_rows import Frame, post_rows
from tests.connectors.fakesynapse import FakeSynapse, message, report
from tests.domain.test_text import COST, POISON, slow_scan
from tests.engine.scene import DESK, POLICY, Scene, no_wait, scene
from tests.security.poison import EVERYTHING, LONE, PIECES

STEERING = (
    "\x1b]0;title\x07", "\x1b[2J", "\x9b31m", "\x1bP+q\x1b\\", "\x00", "\x08", "\r\n", "\t",
    "\u202e", "\u2066", "\u2069", "\u200b", "\u2028", "\U000e0041", "\ufeff", "\x7f",
    "[@click=app.bell()]x[/]", "a\u0301\u0301\u0301\u0301\u0301", "https://пример.example/\u202e",
    "\U0001f469\u200d\U0001f467", "漢字", "\U0010fffd",
)  # fmt: skip
HOSTILE = st.lists(
    st.one_of(st.sampled_from(STEERING), st.text(st.characters(exclude_categories=["Cs"]))),
    max_size=8,
).map("".join)
BIDI = frozenset(["LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"])


def steers(text: str) -> str:
    """Return the characters of `text` that may not reach a terminal."""
    return "".join(
        c
        for c in text
        if unicodedata.category(c) in ("Cc", "Cs", "Co", "Zl", "Zp")
        or unicodedata.bidirectional(c) in BIDI
        or 0xE0000 <= ord(c) < 0xE0080
    )


def hostile_server(text: str, name: str) -> FakeSynapse:
    media = {"msgtype": "m.image", "body": text, "filename": name, "url": name}
    return FakeSynapse(
        reports=[report(1, "$e1", reason=name, name=name), report(2, "$e2", reason=text)],
        events={"$e1": message(text), "$e2": message(text, content=media)},
    )


WORDED = ("reply", "keep", "remove", "done", "escalate", "sanction", "lock", "author", "link")


async def taken(desk: Scene, server: FakeSynapse) -> None:
    """Read everything `server` has into the store, as the engine does."""
    connector = server.connector()
    source = Source("chat", connector.realm, {"chat": 0})
    intake = Intake(desk.parts, source, await desk.lease("chat"))
    async for batch in connector.updates(None):
        await intake.take(batch)
        if batch.caught_up:
            break
    await connector.aclose()


def painted(detail: ThreadDetail, record: AuthorRecord | None, engine: LiveEngine) -> Iterator[Row]:
    """Every row in which something of the thread or its author is painted."""
    now, zone, me = engine.now(), "Europe/Warsaw", "mod-a"
    left = engine.left(detail.row)
    for width in (40, 72, 120):
        look = Look(me, zone, now)
        yield row_cells(detail.row, left, columns(width, clocks=True), look, selected=False)
        for stacked in (False, True):
            frame = Frame(width, now, zone, me, stacked, detail.posts[0].remote_id)
            yield from head_rows(detail, left, frame)
            yield stacked_head(detail, left, frame, "posts")
            yield from post_rows(detail, frame).rows
    case = Case(detail, detail.posts[0], DESK, now)
    moment = Moment(now, zone, 80)
    yield from known_rows(record, 0, moment)
    yield from written_rows(detail, detail.posts[0].author, moment)
    yield from deadline_rows(detail, moment)
    yield from ledger_rows(detail, moment)
    yield (("".join(says(verb, case) for verb in WORDED), "text"),)
    yield from link_rows(case, 80)


async def played(text: str, name: str) -> tuple[str, ...]:
    """Return everything that is painted or printed once the platform has said this."""
    with tempfile.TemporaryDirectory() as folder:
        async with scene(Path(folder)) as desk:
            await taken(desk, hostile_server(text, name))
            runtime = Runtime(lambda: desk.clock.now, no_wait, random.Random(1), "here:1:a")
            engine = LiveEngine(desk.store, Plan(DESK, (POLICY,), ()), runtime)
            ids = await desk.store.read(lambda tx: tx.queue_ids(QueueFilter(), engine.now(), "me"))
            assert len(ids) == 2
            seen: list[str] = []
            for number in ids:
                detail = await engine.thread(number)
                assert detail is not None
                author = detail.posts[0].author.remote_id
                record = await engine.people.record(number, author)
                assert record is not None
                seen += _texts(detail, record, engine)
            return tuple(seen)


def _texts(detail: ThreadDetail, record: AuthorRecord, engine: LiveEngine) -> Iterable[str]:
    assert detail.posts
    yield from (text for row in painted(detail, record, engine) for text, _ in row)
    yield from plain.queue_line(detail.row, "")
    for post in detail.posts:
        yield from plain.post_lines(post, "UTC")


@settings(max_examples=40, deadline=None)
@given(text=HOSTILE, name=HOSTILE)
@example(text="".join(STEERING), name="".join(STEERING))
def test_nothing_that_steers_a_terminal_leaves_a_painter(text: str, name: str) -> None:
    seen = asyncio.run(played(text, name))
    assert [(piece, steers(piece)) for piece in seen if steers(piece)] == []


def test_a_look_alike_host_is_told() -> None:
    seen = asyncio.run(played("see https://пример.example/pay", "other"))
    assert any("(xn--e1afmkfd.example, punycode)" in piece for piece in seen)


def test_no_piece_of_poison_gets_past_a_connector_and_a_painter() -> None:
    seen = asyncio.run(played(EVERYTHING, " ".join(PIECES.values())[:400]))
    assert [(piece, steers(piece)) for piece in seen if steers(piece)] == []


def test_half_a_surrogate_pair_hides_no_other_thread() -> None:
    """JSON may spell what no encoding can store: it is shown, and so is what stands beside it."""

    class Halves(FakeSynapse):
        @staticmethod
        def _as_response(answer: Any) -> httpx.Response:
            if isinstance(answer, httpx.Response):
                return answer
            return httpx.Response(200, content=json.dumps(answer).encode())

    server = Halves(
        reports=[report(1, "$e1", reason=f"bad {LONE}"), report(2, "$e2", reason="rude")],
        events={"$e1": message(f"text {LONE}"), "$e2": message("text without")},
    )

    async def read() -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            async with scene(Path(folder)) as desk:
                await taken(desk, server)
                found = [await desk.store.read(lambda tx, n=n: tx.posts(n)) for n in (1, 2)]
                return [post.raw for posts in found for post in posts]

    assert sorted(asyncio.run(read())) == [r"text lone \ud800 half \udfff", "text without"]


@pytest.mark.parametrize("name", ["prose", "wide", "marks out of order", "bidi", "lines"])
def test_a_megabyte_is_taken_in_for_a_tenth_of_a_second_more(tmp_path: Path, name: str) -> None:
    async def cost(text: str) -> float:
        async with scene(tmp_path / str(len(text))) as desk:
            begun = time.process_time()
            await taken(desk, hostile_server(text, "name"))
            return time.process_time() - begun

    raw = POISON[name] * (1_000_000 // len(POISON[name].encode()))
    small = min(asyncio.run(cost("short" + "x" * n)) for n in range(2))
    spent = asyncio.run(cost(raw)) - small
    # The stand-in holds two such posts, and the fake server's own JSON is in the figure.
    assert spent <= 2 * max(2 * COST, 6 * slow_scan())
