"""A distressing thread in a real terminal: folded until Z; what was not seen is written down."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.pty.community import Community, leave, modtui, settle_in, told

TITLE, WORDS = "აღარ შემიძლია", "ყველაფერი წავაგე"


def exposures(queue: Path) -> list[tuple[str, int]]:
    """Whose folded posts were read how often."""
    with closing(sqlite3.connect(queue)) as connection:
        return connection.execute("SELECT by, count(*) FROM exposure GROUP BY by").fetchall()


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_a_distressing_post_is_folded_until_a_key_and_kept_unseen_only_in_words(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    settle_in(tmp_path, Community(now=("self-harm",)))
    with modtui(tmp_path, size) as terminal:
        terminal.wait("[folded: self-harm · Z shows it]", 30)
        assert TITLE not in terminal.text
        assert WORDS not in terminal.text
        terminal.settle(0.6)
        terminal.send("Z")
        terminal.wait(WORDS, 30)
        terminal.wait(TITLE)
        terminal.settle(0.6)
        terminal.send("Z")
        terminal.wait(lambda text: WORDS not in text, 30)
        terminal.settle(0.6)
        terminal.send("a")
        terminal.wait("keep, flags dismissed, text not seen → [folded]", 30)
        terminal.settle()
        assert leave(terminal) == 0
    assert exposures(tmp_path / "modtui" / "state" / "modtui.db") == [("mod-a", 1)]
    status = told(tmp_path, "status")
    assert "exposure" not in str(status)
    assert told(tmp_path, "queue")["threads"][0]["title"] == TITLE
