from dataclasses import replace
from pathlib import Path

import pytest

from modtui.connectors.demo import connector, profiles
from modtui.domain.commands import Capability
from tests.cli.shell import Shell


def numbers(desk: Shell, account: str) -> list[int]:
    listed = desk("queue", "--account", account, "--json").json["threads"]
    return [thread["id"] for thread in listed]


def thread(desk: Shell, number: int) -> dict[str, object]:
    shown: dict[str, object] = desk("show", number, "--json").json
    return shown


@pytest.fixture
def forum(desk: Shell) -> int:
    """A calm thread of the pretend forum in a language that the checks read."""
    listed = desk("queue", "--account", "harbour", "--json").json["threads"]
    calm = [t["id"] for t in listed if t["help_route"] is None and t["language"] == "ru"]
    return int(calm[-1])


def test_a_reply_is_sent_once_and_the_thread_waits(desk: Shell, forum: int, tmp_path: Path) -> None:
    file = tmp_path / "answer.txt"
    file.write_text("Это в настройках счёта.\n", encoding="utf-8")
    done = desk("reply", forum, "--text-file", file)
    assert (done.code, done.err) == (0, "")
    assert "sent, receipt" in done.out
    shown = thread(desk, forum)
    assert shown["state"] == "waiting"
    assert [(d["kind"], d["state"]) for d in shown["deliveries"]] == [("reply", "sent")]  # type: ignore[index,attr-defined]


def test_what_to_say_must_be_given_once(desk: Shell, forum: int, tmp_path: Path) -> None:
    assert desk("reply", forum).code == 2
    empty = tmp_path / "empty.txt"
    empty.write_text(" \n", encoding="utf-8")
    done = desk("reply", forum, "--text-file", empty)
    assert (done.code, done.err) == (2, f"modtui: {empty} is empty: there is nothing to send\n")
    assert desk("reply", forum, "--text-file", tmp_path / "missing").code == 2
    unknown = desk("reply", forum, "--quick", "no-such-entry")
    assert unknown.code == 2
    assert 'no entry "no-such-entry"; there are kyc-steps, ' in unknown.err
    foreign = desk("reply", forum, "--quick", "thanks-closing", "--language", "xx")
    assert foreign.code == 2
    assert "thanks-closing has no xx: it has en, ru" in foreign.err
    assert desk("deliveries", "--json").json["deliveries"] == []


def test_a_check_that_warns_stops_it_until_it_is_said_again(
    desk: Shell, forum: int, tmp_path: Path
) -> None:
    file = tmp_path / "answer.txt"
    file.write_text("WHY DID YOU do that, idiot\n", encoding="utf-8")
    done = desk("reply", forum, "--text-file", file)
    assert done.code == 1
    assert "“idiot”: is a stop word of the team" in done.err
    assert "“WHY DID YOU”: is shouting" in done.err
    assert done.err.rstrip().endswith("; --anyway sends it all the same")
    assert thread(desk, forum)["deliveries"] == []
    done = desk("reply", forum, "--text-file", file, "--anyway")
    assert done.code == 0
    assert "is shouting" in done.err


def test_what_blocks_is_not_sent_whatever_is_said(desk: Shell, forum: int, tmp_path: Path) -> None:
    file = tmp_path / "answer.txt"
    file.write_text("It is the card 4111 1111 1111 1111.\n", encoding="utf-8")
    done = desk("reply", forum, "--text-file", file, "--anyway")
    assert (done.code, done.err) == (
        1,
        "modtui: not sent: “…1111”: is a payment card number: take it out\n",
    )
    assert thread(desk, forum)["deliveries"] == []


def test_a_quick_reply_is_filled_from_the_thread_and_followed_up(desk: Shell, forum: int) -> None:
    wanted = ("reply", forum, "--quick", "thanks-closing", "--language", "en")
    done = desk(*wanted)
    assert done.code == 1, done.err
    assert "the thread is in ru, this is in en" in done.err
    done = desk(*wanted, "--anyway")
    assert (done.code, done.err) == (0, "modtui: the thread is in ru, this is in en\n")
    shown = thread(desk, forum)
    sent = shown["deliveries"][0]["command"]  # type: ignore[index]
    assert (sent["quick"], sent["language"]) == ("thanks-closing", "en")
    assert "{" not in sent["text"]
    assert shown["state"] == "resolved"


def test_a_routine_answer_under_a_help_route_is_to_be_meant(desk: Shell, forum: int) -> None:
    assert desk("sensitive", forum).code == 0
    wanted = ("reply", forum, "--quick", "look-into-it", "--set", "when=noon", "--anyway")
    done = desk(*wanted)
    assert (done.code, done.err) == (
        6,
        "modtui: not sent: the help route sensitive is open, and look-into-it is no help for it;"
        " --sure sends it all the same\n",
    )
    assert thread(desk, forum)["deliveries"] == []
    light = desk("reply", forum, "--quick", "you-asked-we-did", "--set", "what=a", "--sure")
    assert (light.code, "a light reply" in light.err) == (1, True)
    assert desk(*wanted, "--sure").code == 0
    assert desk("reply", forum, "--quick", "help-any", "--anyway").code == 0, "it helps"


def test_what_the_thread_does_not_fill_is_set_and_what_follows_is_chosen(
    desk: Shell, forum: int
) -> None:
    done = desk("reply", forum, "--quick", "you-asked-we-did")
    assert done.code == 2
    assert "you-asked-we-did is not filled here (what): --set what=VALUE fills it" in done.err
    assert desk("reply", forum, "--quick", "you-asked-we-did", "--set", "what").code == 2
    for entry, has in (("you-asked-we-did", "what"), ("thanks-closing", "nothing to fill")):
        strange = desk("reply", forum, "--quick", entry, "--set", "waht=it")
        said = f"modtui: {entry} has no {{waht}} to --set: it has {has}\n"
        assert (strange.code, strange.err) == (2, said)
    given = ("--set", "what={dark}", "--then", "open", "--anyway")
    assert desk("reply", forum, "--quick", "you-asked-we-did", *given).code == 0
    shown = thread(desk, forum)
    assert "{dark}" in shown["deliveries"][0]["command"]["text"]  # type: ignore[index]
    assert shown["state"] == "open", "the entry itself resolves"


def test_hide_names_the_rule_and_resolves(desk: Shell, forum: int) -> None:
    done = desk("hide", forum, "--rule", "1", "--reason", "spam")
    assert done.code == 0
    shown = thread(desk, forum)
    assert shown["state"] == "resolved"
    command = shown["deliveries"][0]["command"]  # type: ignore[index]
    assert (command["rule"], command["reason"]) == ("spam", "spam")
    unknown = desk("hide", forum, "--rule", "9")
    assert (unknown.code, "1 spam" in unknown.err) == (2, True)


def test_what_the_checks_find_in_a_removal_or_a_warning_is_said(desk: Shell, forum: int) -> None:
    told = ("sanction", forum, "--warn", "--reason", "spam", "--text")
    done = desk(*told, "Your card 4111 1111 1111 1111 is public")
    assert (done.code, "“…1111”: is a payment card number" in done.err) == (1, True)
    assert thread(desk, forum)["deliveries"] == []
    done = desk(*told, "Не будь идиотом, пожалуйста!")
    assert (done.code, "“идиотом”: is a stop word" in done.err) == (0, True)
    done = desk("hide", forum)
    assert (done.code, done.err) == (0, "modtui: a removal without a reason: name a rule\n")


def test_slow_mode_is_set_where_there_is_one(desk: Shell, forum: int) -> None:
    done = desk("slow", forum, "--seconds", 60, "--for", "30m", "--reason", "heat")
    assert done.code == 0
    slow = thread(desk, forum)["slow_mode"]
    assert isinstance(slow, dict)
    assert (slow["kind"], slow["seconds"]) == ("slow", 60)


def test_where_there_is_no_slow_mode_it_says_what_there_is(desk: Shell) -> None:
    number = numbers(desk, "square")[0]
    done = desk("slow", number, "--seconds", 60, "--for", "30m", "--reason", "heat")
    assert (done.code, done.out) == (2, "")
    assert "no slow mode" in done.err
    assert "modtui sanction --mute" in done.err
    assert len(done.err.splitlines()) == 1
    assert desk("deliveries", "--json").json["deliveries"] == []


def test_crowd_control_is_refused_where_there_is_none(desk: Shell, forum: int) -> None:
    done = desk("crowd-control", forum, "--level", "strict", "--reason", "heat")
    assert (done.code, done.out) == (2, "")
    assert "crowd control is not to be had" in done.err
    assert "modtui slow" in done.err
    assert desk("crowd-control", forum, "--level", "5", "--reason", "heat").code == 2
    assert desk("deliveries", "--json").json["deliveries"] == []


def test_what_few_platforms_can_do_is_refused_where_it_cannot_be_done(
    desk: Shell, forum: int
) -> None:
    done = desk("extra", forum, "priority", "--value", "80", "--reason", "a wave")
    assert (done.code, done.out) == (2, "")
    assert "the practice community cannot put a priority" in done.err
    assert "nor anything of the kind" in done.err
    assert desk("extra", forum, "shout").code == 2
    assert desk("deliveries", "--json").json["deliveries"] == []


def test_what_few_platforms_can_do_is_done_on_the_pretend_one(desk: Shell) -> None:
    number = numbers(desk, "square")[0]
    for given in (("tag", "--value", "wave"), ("tag", "--value", "wave", "--off")):
        done = desk("extra", number, *given, "--reason", "a wave")
        assert (done.code, done.err) == (0, "")
    done = desk("extra", number, "divert", "--reason", "a wave")
    assert done.code == 2
    assert "cannot divert media to another service; it has reopen (reopen report)" in done.err
    kinds = [row["kind"] for row in desk("deliveries", "--json").json["deliveries"]]
    assert kinds == ["extra", "extra"]


def test_a_slow_mode_without_an_end_is_refused(desk: Shell, forum: int) -> None:
    done = desk("slow", forum, "--seconds", 60, "--reason", "heat")
    assert (done.code, done.err) == (2, "modtui: slow mode needs an end: --for 30m\n")
    bad = desk("slow", forum, "--seconds", 60, "--for", "soon", "--reason", "heat")
    assert bad.code == 2
    assert '"soon" is not a duration' in bad.err


def test_escalation_tells_the_team_and_stays(desk: Shell, forum: int) -> None:
    done = desk("escalate", forum, "--team", "care", "--note", "please look")
    assert done.code == 0
    assert thread(desk, forum)["state"] == "escalated"
    local = numbers(desk, "square")[0]
    assert desk("escalate", local, "--team", "nobody", "--note", "x").code == 0
    assert thread(desk, local)["state"] == "escalated"
    unknown = desk("escalate", local, "--team", "police", "--note", "x")
    assert (unknown.code, unknown.err) == (
        2,
        'modtui: there is no team "police": there is care, nobody\n',
    )


def test_what_no_platform_hears_of_is_done_at_once(desk: Shell, forum: int) -> None:
    assert desk("note", forum, "seen before").code == 0
    assert desk("claim", forum).code == 0
    assert thread(desk, forum)["claim"]["by"] == "mod-a"  # type: ignore[index]
    assert desk("queue", "--mine", "--json").json["threads"][0]["id"] == forum
    assert desk("release", forum).code == 0
    assert thread(desk, forum)["claim"] is None
    assert desk("snooze", forum, "--for", "2h").code == 0
    assert thread(desk, forum)["state"] == "snoozed"
    assert desk("resolve", forum, "--outcome", "answered by mail").code == 0
    assert thread(desk, forum)["state"] == "resolved"
    assert desk("reopen", forum).code == 0
    assert thread(desk, forum)["state"] == "open"
    assert desk("snooze", forum).code == 2
    assert desk("deliveries", "--json").json["deliveries"] == []


def test_undo_does_the_opposite_of_the_newest(desk: Shell, forum: int) -> None:
    assert desk("lock", forum, "--reason", "heat").code == 0
    assert desk("slow", forum, "--seconds", 60, "--for", "1h", "--reason", "heat").code == 0
    rows = desk("deliveries", "--json").json["deliveries"]
    locked = next(row for row in rows if row["kind"] == "lock")["id"]
    slowed = next(row for row in rows if row["kind"] == "slow_mode")["id"]
    early = desk("undo", locked)
    assert (early.code, f"delivery {slowed}" in early.err) == (2, True)
    assert desk("undo", slowed).code == 0
    assert thread(desk, forum)["slow_mode"] is None
    assert desk("undo", 999).code == 2


def test_undo_asks_where_what_it_ends_may_be_anothers_by_now(
    desk: Shell, forum: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    forum_can = profiles.PROFILES["forum"]
    offers = {**forum_can.offers}
    offers[Capability.MUTE] = replace(offers[Capability.MUTE], untold="it does not tell whose")
    able = {**profiles.PROFILES, "forum": replace(forum_can, offers=offers)}
    monkeypatch.setattr(connector, "PROFILES", able)
    assert desk("sanction", forum, "--mute", "--for", "1h", "--reason", "spam").code == 0
    number = desk("deliveries", "--json").json["deliveries"][0]["id"]
    unsure = desk("undo", number)
    assert unsure.code == 6
    assert "it does not tell whose: --sure takes it back all the same" in unsure.err
    assert desk("undo", number, "--sure").code == 0


def test_a_timed_sanction_says_what_its_end_may_end(
    desk: Shell, forum: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    forum_can = profiles.PROFILES["forum"]
    mute = replace(forum_can.offers[Capability.MUTE], untold="nobody tells", supports_until=False)
    able = replace(forum_can, offers={**forum_can.offers, Capability.MUTE: mute})
    monkeypatch.setattr(connector, "PROFILES", {**profiles.PROFILES, "forum": able})
    done = desk("sanction", forum, "--mute", "--for", "1h", "--reason", "spam", "--no-wait")
    assert done.code == 0
    assert done.out.startswith("At its end: nobody tells.\n")


def test_the_author_is_sanctioned_for_a_while(desk: Shell, forum: int) -> None:
    done = desk("sanction", forum, "--mute", "--for", "1h", "--reason", "spam")
    assert done.code == 0
    command = desk("deliveries", "--json").json["deliveries"][0]["command"]
    assert (command["sanction"], command["seconds"]) == ("mute", 3600)
    assert desk("sanction", forum, "--reason", "spam").code == 2
    none = desk("sanction", forum, "--warn", "--preset", "last", "--reason", "spam")
    assert (none.code, 'no text "last"' in none.err) == (2, True)


@pytest.mark.parametrize("kinds", [["--warn", "--mute"], ["--ban", "--warn"], []])
def test_a_sanction_is_one_thing(desk: Shell, forum: int, kinds: list[str]) -> None:
    done = desk("sanction", forum, *kinds, "--reason", "spam")
    assert (done.code, done.err) == (2, "modtui: which one: --warn, --mute, --kick or --ban\n")
    assert desk("deliveries", "--json").json["deliveries"] == []


@pytest.mark.parametrize("verdicts", [["--there", "--again"], ["--drop", "--there"], []])
def test_a_delivery_is_settled_in_one_way(desk: Shell, verdicts: list[str]) -> None:
    done = desk("delivery", 1, *verdicts)
    words = "look there first, then one of --there, --again and --drop"
    assert (done.code, done.err) == (2, f"modtui: {words}\n")


def test_a_note_says_something(desk: Shell, forum: int) -> None:
    done = desk("note", forum, " ")
    assert (done.code, done.err) == (2, "modtui: the note is empty\n")
    told = desk("escalate", forum, "--team", "care", "--note", "")
    assert (told.code, told.err) == (2, "modtui: the note is empty\n")
    assert thread(desk, forum)["state"] == "open"


def test_a_delivery_is_settled_only_when_nobody_could_tell(desk: Shell, forum: int) -> None:
    desk("lock", forum, "--reason", "heat")
    done = desk("delivery", 1, "--there")
    assert done.code in (1, 2)
    assert len(done.err.splitlines()) == 1
    assert desk("delivery", 1).code == 2
    assert desk("delivery", 999, "--drop").code == 2


def test_no_wait_says_who_sends_it(desk: Shell, forum: int) -> None:
    done = desk("lock", forum, "--reason", "heat", "--no-wait")
    assert done.code == 0
    assert done.out.startswith("delivery 1 (lock")
    assert desk("drain").code == 0
    assert desk("deliveries", "--json").json["deliveries"][0]["state"] == "sent"
