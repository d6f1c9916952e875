"""What the pane says of a thread."""

from __future__ import annotations

from dataclasses import replace

from modtui.widgets.thread_rows import Frame, has_notice, restriction_words
from tests.screens.stage import NOW, staged


async def test_a_thread_with_a_help_route_says_so_and_where_the_help_is() -> None:
    detail = await staged().thread(1)
    assert detail is not None
    assert not has_notice(detail)
    marked = replace(detail, record=replace(detail.record, help_route="self-harm"))
    assert has_notice(marked)
    frame = Frame(47, NOW, "UTC", "mod-a")
    assert restriction_words(marked, frame).startswith("HELP ROUTE self-harm: see 1")
