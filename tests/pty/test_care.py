"""A distressing thread in a real terminal: folded until Z; what was not seen is written down."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pty.community import leave, modtui, settle_in, told

TITLE, WORDS = "აღარ შემიძლია", "ყველაფერი წავაგე"


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_a_distressing_post_is_folded_until_a_key_and_kept_unseen_only_in_words(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    settle_in(tmp_path)
    with modtui(tmp_path, size) as terminal:
        terminal.wait("[folded: self-harm · Z shows it]", 30)
        assert TITLE not in terminal.text
        assert WORDS not in terminal.text
        terminal.settle(0.6)
        terminal.send("Z")
        terminal.wait(WORDS)
        assert TITLE in terminal.text
        terminal.wait("folded posts you read in the last 12 h: 1")
        terminal.settle(0.6)
        terminal.send("Z")
        terminal.wait("folded again")
        assert WORDS not in terminal.text
        terminal.settle(0.6)
        terminal.send("a")
        terminal.wait("keep, flags dismissed, text not seen → [folded] self-harm")
        terminal.settle()
        assert leave(terminal) == 0
    status = told(tmp_path, "status")
    assert "exposure" not in str(status)
    assert told(tmp_path, "queue")["threads"][0]["title"] == TITLE
