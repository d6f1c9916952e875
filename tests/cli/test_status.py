"""What a lead asks at a shell: every number of the screen, and the same ones."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from modtui.app import LeadTui
from modtui.cli import compose, status, status_lines
from modtui.domain.metrics import NowThread
from modtui.domain.model import Band
from modtui.domain.text import clean_line
from modtui.domain.timeleft import Left, lane_left
from modtui.engine.live import LiveEngine
from tests.cli.shell import Shell
from tests.screens.grid import grid
from tests.screens.lead_stage import mock_report

KEYS = {
    "counts", "accounts", "deliveries", "restrictions", "moderator", "at", "period", "narrow",
    "needs_you", "late_now", "due_within_hour", "late_in_period", "night", "now_threads",
    "platforms", "people", "first_response", "arrivals", "closed_without_escalation", "running",
    "roster", "blind",
}  # fmt: skip


def busy(desk: Shell) -> list[int]:
    """Do a shift's work on the first six threads of the forum; return all of its threads."""
    every = [t["id"] for t in desk("queue", "--account", "harbour", "--json").json["threads"]]
    note = desk.home / "note.txt"
    note.write_text("We look into it.", encoding="utf-8")
    for words in (
        ("reply", every[0], "--text-file", note, "--anyway"),
        ("hide", every[1]),
        ("dismiss", every[2]),
        ("resolve", every[3]),
        ("escalate", every[4], "--team", "care", "--note", "please"),
        ("slow", every[5], "--seconds", 60, "--for", "30m", "--reason", "heat"),
        ("claim", every[5]),
    ):
        done = desk(*words)
        assert done.code == 0, done.err
    return every


def test_every_section_has_its_keys(desk: Shell) -> None:
    busy(desk)
    document = desk("status", "--json").json
    assert set(document) == KEYS
    night = document["night"]
    parts = ("answered", "kept", "removed", "closed", "elsewhere", "open")
    assert night["arrived"] == sum(night[part] for part in parts)
    assert [night[part] for part in parts[:4]] == [1, 1, 1, 1]
    assert night["slow_mode_used"] == 1
    assert [p["account"] for p in document["platforms"]] == ["harbour", "square"]
    me, nobody = document["people"]
    assert (me["name"], me["holds"], nobody["name"]) == ("mod-a", 2, None)
    (running,) = document["running"]
    assert (running["what"], running["ends"]) == ("slow mode 1m", "platform")
    assert document["late_now"]["total"] == len(document["late_now"]["threads"])


def test_a_period_and_a_narrowing_are_chosen(desk: Shell) -> None:
    busy(desk)
    week = desk("status", "--since", "7d", "--account", "square", "--json").json
    assert week["period"]["span"] == "7d"
    assert [p["account"] for p in week["platforms"]] == ["square"]
    assert week["night"]["arrived"] == 4
    wrong = desk("status", "--account", "harbor")
    assert (wrong.code, wrong.out) == (2, "")
    assert desk("status", "--since", "yesterday").code == 2


def test_plain_status_says_one_thing_a_line(desk: Shell) -> None:
    busy(desk)
    lines = desk("status").out.splitlines()
    assert lines[0].startswith("queue: ")
    for begin in (
        "harbour (demo): stale ", "deliveries: ", "status from ", "needs you: ", "late now: ",
        "due within the hour: ", "came in: 12 = answered 1 + kept 1 + removed 1 + closed 1",
        "late in the period: ", "platform harbour: ", "person mod-a: holds 2", "person nobody: ",
        "first responses: ", "arrivals in 24 hours: 12", "closed without escalation: ",
        "running: slow mode 1m in harbour/", "on call next: no roster is configured",
    ):  # fmt: skip
        assert any(line.startswith(begin) for line in lines), begin


def test_plain_status_stays_short_where_the_now_lane_is_long() -> None:
    took = (None, timedelta(minutes=3))
    threads = (NowThread(n, clean_line("help"), "threat", took[n % 2], "open") for n in range(50))
    long = replace(mock_report(), now_threads=tuple(threads))
    said = [line for line in status_lines.lines(long, {}, "UTC") if line.startswith("NOW thread")]
    assert len(said) == 21
    assert said[0] == "NOW thread 0: nobody yet, open: help"
    assert said[-1] == "NOW threads: 50, nobody yet in 25: modtui queue --now"


def test_plain_status_says_when_a_closed_desk_opens_and_not_that_so_much_is_left() -> None:
    opens = datetime(2026, 11, 30, 9, tzinfo=UTC)
    asleep = Left(Band.OK, 3600, None, opens, None, far=True)
    report = mock_report()
    people = tuple(replace(person, oldest=asleep) for person in report.people)
    said = list(status_lines.lines(replace(report, people=people), {}, "UTC"))
    assert any(line.startswith("person ") and "opens 30 Nov 09:00" in line for line in said)
    assert not any("@" in line and " left" in line for line in said if line.startswith("person "))


def test_plain_status_counts_one_draft_as_one() -> None:
    said = [status._count(*each) for each in (("drafts", 1), ("drafts", 2), ("needs_human", 1))]
    assert said == ["1 draft", "2 drafts", "1 needs human"]


def test_plain_status_says_how_late_the_now_lane_is() -> None:
    due = datetime(2026, 11, 30, 9, tzinfo=UTC)
    late = replace(mock_report(), oldest_late=lane_left(due, due + timedelta(minutes=6)))
    said = list(status_lines.lines(late, {}, "UTC"))
    assert any(line.endswith("the oldest NOW late 6m") for line in said)


def test_a_command_takes_no_read_only(desk: Shell) -> None:
    done = desk("--read-only", "queue")
    assert (done.code, done.out) == (2, "")
    assert "--read-only opens the app: it does not go with" in done.err


def test_the_screen_shows_what_json_says(desk: Shell) -> None:
    busy(desk)
    shown = "\n".join(asyncio.run(_screen()))
    document = desk("status", "--json").json
    assert _numbers(shown) == _said(document)
    assert f"NEEDS YOU  {document['needs_you']['total']}" in shown
    assert f"LATE NOW  {document['late_now']['total']}" in shown
    due = document["due_within_hour"]
    assert f"DUE WITHIN THE HOUR  {due['total']}   unowned {due['unowned']}" in shown
    late = document["late_in_period"]
    assert f"{late['late']} of {late['of']}" in shown
    night = document["night"]
    assert f"in {night['arrived']} = answered {night['answered']}" in shown
    assert f"undone actions {night['undone_actions']}" in shown
    assert f"now {document['arrivals']['now']}, usual here" in shown


def _numbers(shown: str) -> dict[str, tuple[int, ...]]:
    """The counts on the lines of platforms and people."""
    found = {}
    for name, columns in (("harbour", 4), ("square", 4), ("mod-a", 2), ("nobody", 2)):
        match = re.search(rf"^ +{name} +((?:\d+ +){{{columns}}})", shown, re.M)
        assert match, shown
        found[name] = tuple(int(number) for number in match[1].split())
    return found


def _said(document: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    keys = ("open", "late", "due_within_hour", "unowned")
    said = {p["account"]: tuple(p[key] for key in keys) for p in document["platforms"]}
    for person in document["people"]:
        said[person["name"] or "nobody"] = (person["holds"], person["late"])
    return said


async def _screen() -> tuple[str, ...]:
    """The screen of a lead's session on what is configured here."""
    setup = compose.set_up()
    store = compose.open_store(setup.paths.store)
    engine = LiveEngine(store, compose.plan(setup, read_only=True), compose.runtime())
    app = LeadTui(engine)
    try:
        async with app.run_test(size=(120, 40)) as pilot:
            for _ in range(100):
                await pilot.pause()
                if any("BY PERSON" in line for line in grid(app)):
                    break
            return grid(app)
    finally:
        await store.close()
