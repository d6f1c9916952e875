"""The NOW lane at a shell: listed first, filtered, and closed with an outcome in words alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.shell import Shell


@pytest.fixture
def urgent(desk: Shell) -> dict[str, object]:
    """The first thread of the lane, as it is listed."""
    first: dict[str, object] = desk("queue", "--now", "--json").json["threads"][0]
    return first


def test_it_is_listed_first_with_its_target_and_why(desk: Shell, urgent: dict[str, object]) -> None:
    listed = desk("queue", "--json").json
    lane = desk("queue", "--now", "--json").json["threads"]
    assert listed["counts"]["now"] == len(lane) > 0
    first = [thread["id"] for thread in listed["threads"][: len(lane)]]
    assert first == [thread["id"] for thread in lane]
    assert all(thread["now_at"] is None for thread in listed["threads"][len(lane) :])
    since, due = (datetime.fromisoformat(str(urgent[key])) for key in ("now_at", "now_due_at"))
    assert due - since == timedelta(minutes=15)
    assert urgent["now_reason"] in ("self-harm", "threat", "doxxing", "minors")


def test_plain_lines_begin_with_it(desk: Shell, urgent: dict[str, object]) -> None:
    first = desk("queue").out.splitlines()[0].split()
    assert first[0] == str(urgent["id"])
    assert first[1].startswith("NOW")
    assert f"{len(desk('queue', '--now', '--json').json['threads'])} NOW · " in desk("queue").out


def test_it_is_resolved_with_an_outcome_and_not_without(
    desk: Shell, urgent: dict[str, object]
) -> None:
    number = urgent["id"]
    done = desk("resolve", number)
    assert done.code == 2
    assert done.err.endswith("needs an outcome in words: --outcome says it\n")
    assert desk("show", number, "--json").json["state"] == "open"
    done = desk("resolve", number, "--outcome", "handed to care, on the phone")
    assert (done.code, done.err) == (0, "")
    shown = desk("show", number, "--json").json
    assert (shown["state"], shown["now_at"]) == ("resolved", None)
    ends = [e["detail"]["outcome"] for e in shown["history"] if e["kind"] == "resolved"]
    assert ends == ["handed to care, on the phone"]


def test_keeping_and_removing_leave_it_there_without_flags(
    desk: Shell, urgent: dict[str, object]
) -> None:
    done = desk("dismiss", urgent["id"])
    assert (done.code, done.err) == (0, "")
    shown = desk("show", urgent["id"], "--json").json
    assert (shown["state"], shown["flag_count"]) == ("open", 0)
    assert shown["now_at"] == urgent["now_at"]
    assert "needs an outcome" in desk("queue", "--now").out


def test_a_reply_does_not_close_it(desk: Shell, urgent: dict[str, object], tmp_path: Path) -> None:
    light = desk("reply", urgent["id"], "--quick", "thanks-closing", "--anyway")
    assert light.code == 1
    assert "not sent: a light reply, and the help route is open here" in light.err
    file = tmp_path / "answer.txt"
    file.write_text("We look at it now.", encoding="utf-8")
    words = ("reply", urgent["id"], "--text-file", file, "--then", "done", "--anyway")
    done = desk(*words)
    assert done.code == 2
    assert "needs an outcome in words" in done.err


def test_it_is_snoozed_for_a_quarter_of_an_hour_at_most(
    desk: Shell, urgent: dict[str, object]
) -> None:
    done = desk("snooze", urgent["id"], "--for", "2h")
    assert done.code == 2
    assert "15 min at most" in done.err
    assert desk("snooze", urgent["id"], "--for", "10m").code == 0
    assert desk("queue", "--now", "--json").json["threads"][0]["id"] == urgent["id"]


def test_an_empty_list_of_reasons_leaves_the_lane_empty(shell: Shell) -> None:
    shell.config('[now]\nreasons = []\n[[account]]\nname = "harbour"\nconnector = "demo"\n')
    assert shell("sync", "--once").code == 0
    assert shell("queue", "--now", "--json").json["threads"] == []


def test_a_thread_is_put_there_by_hand_once(desk: Shell) -> None:
    listed = desk("queue", "--json").json["threads"]
    number = [thread["id"] for thread in listed if thread["help_route"] is None][-1]
    done = desk("sensitive", number)
    assert (done.code, done.err) == (0, "")
    shown = desk("show", number, "--json").json
    assert (shown["now_reason"], shown["help_route"]) == ("sensitive", "sensitive")
    assert desk("sensitive", number).code == 2
    assert desk("sensitive", number, "--not", " ").code == 2
    done = desk("sensitive", number, "--not", "it quotes somebody")
    assert (done.code, done.err) == (0, "")
    assert "not sensitive: it quotes somebody" in done.out
    shown = desk("show", number, "--json").json
    assert (shown["now_at"], shown["help_route"], shown["state"]) == (None, None, "open")
    assert desk("show", number).out.rstrip().endswith("not sensitive: it quotes somebody")
    assert desk("sensitive", number, "--not", "again").code == 2
    assert desk("sensitive", number).code == 0
    assert desk("show", number, "--json").json["help_route"] == "sensitive"
