"""What a hostile post costs to show: measured, and in proportion to plain work."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from modtui.domain.evidence import spelled
from modtui.domain.text import clean
from modtui.widgets.cells import cell_len, width_of, wrap
from modtui.widgets.thread_rows import MOST_LINES, Frame, post_rows
from tests.domain.test_text import COST, POISON, slow_scan
from tests.screens.sketches import NOW
from tests.screens.stage import staged


@pytest.mark.parametrize("stacked", [True, False])
@pytest.mark.parametrize("name", sorted(POISON))
async def test_a_megabyte_is_cleaned_and_shown_in_a_tenth_of_a_second(
    name: str, stacked: bool
) -> None:
    raw = POISON[name] * (1_000_000 // len(POISON[name]))
    detail = await staged().thread(1)
    assert detail is not None
    post, width = detail.posts[0], 80 if stacked else 120
    begun = time.process_time()
    said = clean(raw)
    post = replace(post, text=said.text, raw=said.raw, hidden=said.hidden)
    frame = Frame(width, NOW, "UTC", "mod-a", stacked, post.remote_id)
    rows = post_rows(replace(detail, posts=(post,)), frame).rows
    spent = time.process_time() - begun
    assert spent <= max(COST, 3 * slow_scan())
    assert len(rows) <= MOST_LINES + 10
    assert {width_of(row) for row in rows[1:]} == {width}


@pytest.mark.parametrize("name", sorted(POISON))
def test_the_raw_text_is_spelled_in_a_tenth_of_a_second(name: str) -> None:
    raw = clean(POISON[name] * (1_000_000 // len(POISON[name]))).raw
    begun = time.process_time()
    wrap(spelled(raw).text, 100)
    spent = time.process_time() - begun
    assert spent <= max(COST, 3 * slow_scan())


def test_a_long_word_is_cut_where_the_line_ends() -> None:
    assert wrap("x" * 25, 10) == ("x" * 10, "x" * 10, "x" * 5)
    assert wrap("漢" * 12, 10) == ("漢" * 5, "漢" * 5, "漢" * 2)
    assert "".join(wrap("e\u0332" * 40, 10)) == "e\u0332" * 40
    assert all(cell_len(line) <= 10 for line in wrap("👩\u200d👧" * 40, 10))
