"""handover on the command line: the same engine, the same text, one exit code."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tests.pty.hook import Hook, listening


@pytest.fixture
def forum(desk: Shell) -> int:
    """A thread of the pretend forum, held and with a note of a colleague."""
    number: int = desk("queue", "--account", "harbour", "--json").json["threads"][-1]["id"]
    assert desk("claim", number).code == 0
    return number


def channel(desk: Shell, hook: Hook) -> None:
    """Let hand-overs go to `hook`."""
    config = (desk.home / "config.toml").read_text(encoding="utf-8")
    desk.config(
        f'{config}\n[[account]]\nname = "ops"\nconnector = "webhook"\nurl = "{hook.url}"\n'
        '[handover]\naccount = "ops"\nchannel = "#shift"\n'
    )


def test_the_text_is_printed_and_nothing_is_done(desk: Shell, forum: int) -> None:
    done = desk("handover", "--to", "mod-b")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0].startswith("Hand-over of mod-a, ")
    assert lines[0].endswith(", to mod-b")
    assert "HELD 1" in lines
    assert any("handed to mod-b" in line for line in lines)
    assert desk("show", forum, "--json").json["claim"]["by"] == "mod-a"
    assert desk("handover", "--last").code == 1


def test_the_document_has_every_item_and_what_becomes_of_it(desk: Shell, forum: int) -> None:
    told = desk("handover", "--json").json
    assert (told["by"], told["to"], told["channel"]) == ("mod-a", None, None)
    assert "no [handover] channel is configured" in told["unsent"]
    (item,) = [each for each in told["items"] if each["part"] != "now"]
    assert (item["part"], item["thread"], item["fate"], item["to"]) == (
        "claim", forum, "release", None,
    )  # fmt: skip
    assert told["text"].startswith("Hand-over of mod-a")


def test_it_is_sent_to_the_channel_once(desk: Shell, forum: int) -> None:
    with listening() as hook:
        channel(desk, hook)
        done = desk("handover", "--send", "--to", "mod-b")
        assert (done.code, done.err) == (0, "")
        assert "done: hand-over to mod-b" in done.out
        assert "delivery 1 (hand over) sent" in done.out
        (told,) = hook.told
    assert (told["to"], told["team"], told["thread_url"]) == ("#shift", None, None)
    assert "handed to mod-b" in told["text"]
    shown = desk("show", forum, "--json").json
    assert shown["claim"] is None
    assert shown["history"][-1]["detail"]["text"] == "handed to mod-b"
    (row,) = desk("deliveries", "--json").json["deliveries"]
    assert (row["thread"], row["kind"], row["state"]) == (None, "hand_over", "sent")
    assert "no thread" in desk("deliveries").out
    assert desk("handover", "--last").out.strip() == told["text"]
    assert desk("handover", "--last", "--json").json["delivery"] == row["id"]
    undone = desk("undo", row["id"])
    assert (undone.code, "is a hand-over" in undone.err) == (2, True)


def test_without_a_channel_it_is_done_and_says_that_nobody_was_told(
    desk: Shell, forum: int
) -> None:
    done = desk("handover", "--send")
    assert done.code == 0
    assert "no [handover] channel is configured: the text stays in modtui" in done.err
    assert desk("show", forum, "--json").json["claim"] is None
    assert desk("handover", "--last").out.startswith("Hand-over of mod-a")


def test_a_channel_that_cannot_be_reached_keeps_it_queued(desk: Shell, forum: int) -> None:
    with listening() as hook:
        channel(desk, hook)
    done = desk("handover", "--send", "--timeout", "2")
    assert done.code == 5
    assert "delivery 1 (hand over) queued" in done.err
    (row,) = desk("deliveries", "--json").json["deliveries"]
    assert row["state"] == "queued"


def test_send_goes_with_neither_json_nor_last(desk: Shell, tmp_path: Path) -> None:
    for other in ("--json", "--last"):
        done = desk("handover", "--send", other)
        assert (done.code, "--send goes with neither" in done.err) == (2, True)
