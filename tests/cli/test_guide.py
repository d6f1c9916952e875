"""The guide to an account: every step, the way back, and what is written."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from modtui.cli.compose import set_up
from modtui.connectors import ConnectorError, Environment, Finding, Kind, Schema, Setting
from modtui.domain.text import literal
from tests.cli.shell import Done, Shell
from tests.cli.standin import KIND, SCHEMA, NoRing, Ring
from tests.cli.walking import asked, guide, say, walk_to

HUB = "https://hub.example.org"


async def look(env: Environment) -> Finding:
    assert not env.secrets
    match env.settings["url"]:
        case "https://down.example.org":
            raise ConnectorError("cannot reach https://down.example.org")
        case "https://example.org":
            note = literal("example.org says that its server is at hub")
            return Finding(literal("Standin 1.0 at hub.example.org"), HUB, (note,))
    return Finding(literal("Standin 1.0 at here"), env.settings["url"])


OWN = (Setting("rooms", "list", help="which rooms"), Setting("size", "number", default=3))
KINDS: Mapping[str, Kind] = {
    "standin": replace(KIND, schema=replace(SCHEMA, settings=OWN), look=lambda: look),
    "pager": Kind(Schema("pager", notify_only=True, about="a pager"), KIND.load),
}


@pytest.fixture
def home(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.setattr("modtui.cli.compose.KINDS", KINDS)
    monkeypatch.setattr("modtui.cli.compose.Child", Ring.empty())
    monkeypatch.setenv("TZ", "Asia/Almaty")
    return shell


async def run(home: Shell, *words: str) -> Done:
    """Run a command beside the loop of the test."""
    return await asyncio.to_thread(home, *words)


def filed(home: Shell, name: str) -> dict[str, Any]:
    return tomllib.loads((home.home / "config.d" / f"{name}.toml").read_text("utf-8"))


TO_SEND = "mod-bot moderates on hub and cannot: ban"
UP_TO_SECRET = ("connect", "standin", "hub.example.org", "yes", "hub", "leave")


async def test_an_account_from_the_first_question_to_the_file(home: Shell) -> None:
    walk = guide()
    assert [option.label.split(":")[0] for option in asked(walk).options] == [
        "try the demo", "connect a community",
    ]  # fmt: skip
    await say(walk, "connect")
    assert [option.label for option in asked(walk).options][-1] == (
        "pager: a pager, which can only tell a team"
    )
    await say(walk, "standin", "hub.example.org")
    assert asked(walk).title == "Standin 1.0 at here: is it this one?"
    await say(walk, "yes")
    assert asked(walk).answer == "standin"
    await say(walk, "hub", "leave")
    assert asked(walk).ask == "secret"
    assert f"goes to {HUB}:443 and nowhere else" in asked(walk).lines[-1]
    await say(walk, "good")
    assert (asked(walk).id, asked(walk).answer) == ("keep", "system")
    await say(walk, "system")
    assert (asked(walk).title, asked(walk).lines) == (
        "You post on hub as mod-bot (admin).",
        ("Can: reply.", "Cannot: ban.", f"To send to whoever runs it: {TO_SEND}"),
    )  # fmt: skip
    assert (asked(walk).copies, asked(walk).copied) == (TO_SEND, "text")
    await say(walk, "yes")
    shown = "\n".join(asked(walk).lines)
    assert "You are mod-a; times are in Asia/Almaty." in shown
    assert "round the clock, first response 2h" in shown
    assert not list(home.home.rglob("*.toml"))
    assert await say(walk, "write") == ""
    assert walk.question is None
    assert walk.said.written is not None
    assert filed(home, "hub")["account"] == [{"name": "hub", "connector": "standin", "url": HUB}]
    assert not (home.home / "config.d" / "moderator.toml").exists()
    assert [name.partition("/")[2] for name in Ring.kept] == ["token"]
    assert (await run(home, "sync", "--once")).code == 0


async def test_every_step_goes_back_and_nothing_is_lost(home: Shell) -> None:
    walk = guide()
    await say(walk, *UP_TO_SECRET, "good", "session", "yes")
    ids = []
    while walk.back():
        ids.append(asked(walk).id)
    assert ids == [
        "who", "keep", "secret:token", "settings", "name", "found", "url", "platform", "start",
    ]  # fmt: skip
    assert asked(walk).answer == "connect"
    assert (await walk_to(walk, "url")).answer == HUB
    assert (await walk_to(walk, "name")).answer == "hub"
    assert (await walk_to(walk, "secret:token")).kept
    assert await walk.answer("") == ""
    assert asked(walk).answer == "session"


async def test_an_error_is_one_line_and_the_question_stays(home: Shell) -> None:
    home.config('[[account]]\nname = "old"\nconnector = "pager"\nurl = "https://p.example.org"\n')
    walk = guide(first=False)
    await say(walk, "standin")
    for text, words in (
        ("", "an address is needed"),
        ("ftp://x", "that is not an address"),
        ("https://me:secret@x.example.org", "only scheme, host, port and path"),
        ("x y", "only scheme, host, port and path"),
    ):
        why = await walk.answer(text)
        assert words in why
        assert "\n" not in why
        assert asked(walk).id == "url"
    await say(walk, "hub.example.org", "yes")
    for text, words in (("Hub", "is not a name"), ("old", "already"), ("moderator", "another")):
        assert words in await walk.answer(text)
        assert asked(walk).id == "name"
    await say(walk, "hub", "change", "a, b")
    assert await walk.answer("many") == "many is not a number"
    await say(walk, "5")
    assert await walk.answer("  ") == "hub needs a token"


async def test_a_wrong_secret_is_asked_for_again(home: Shell) -> None:
    walk = guide()
    assert "not accepted" in await say(walk, *UP_TO_SECRET, "wrong", "session")
    assert asked(walk).id == "secret:token"
    assert await say(walk, "good", "session") == ""
    assert asked(walk).id == "who"


async def test_a_platform_that_is_not_reached_leaves_the_secret_alone(home: Shell) -> None:
    walk = guide()
    assert "cannot be reached" in await say(walk, *UP_TO_SECRET, "far", "session")
    assert asked(walk).id == "keep"
    assert not list(home.home.rglob("*.toml"))


async def test_an_address_that_does_not_answer_can_be_taken_all_the_same(home: Shell) -> None:
    walk = guide()
    why = await say(walk, "connect", "standin", "down.example.org")
    assert why == "cannot reach https://down.example.org · Enter again goes on all the same"
    assert asked(walk).answer == "https://down.example.org"
    assert await walk.answer("down.example.org") == ""
    assert asked(walk).id == "name"


async def test_the_server_that_was_found_is_the_one_that_is_written(home: Shell) -> None:
    walk = guide()
    await say(walk, "connect", "standin", "example.org")
    assert asked(walk).lines == ("! example.org says that its server is at hub",)
    await say(walk, "no")
    assert (asked(walk).id, asked(walk).answer) == ("url", "https://example.org")
    await say(walk, "example.org", "yes", "hub", "leave", "good", "system", "yes", "write")
    assert filed(home, "hub")["account"][0]["url"] == HUB


async def test_a_secret_never_goes_to_another_address(home: Shell) -> None:
    walk = guide()
    await say(walk, *UP_TO_SECRET, "good", "session")
    while asked(walk).id != "url":
        walk.back()
    await say(walk, "elsewhere.example.org", "yes", "hub", "leave")
    assert not asked(walk).kept
    assert await walk.answer("") == "hub needs a token"


async def test_settings_are_gone_through_and_written(home: Shell) -> None:
    walk = guide()
    await say(walk, "connect", "standin", HUB, "yes", "hub", "change")
    assert (asked(walk).title, asked(walk).lines[0]) == ("rooms", "Which rooms.")
    await say(walk, "a, b", "7", "good", "system", "yes", "write")
    account = filed(home, "hub")["account"][0]
    assert (account["rooms"], account["size"]) == (["a", "b"], 7)


async def test_who_works_here_is_written_when_it_was_changed(home: Shell) -> None:
    walk = guide()
    await say(walk, *UP_TO_SECRET, "good", "system", "yes", "edit", "mod-z")
    for text, words in (("Almaty", "there is no zone Almaty"), ("Europe/Warsaw", "")):
        assert words in await walk.answer(text)
    for text, words in (("polish", "is not a language code"), ("pl, en", "")):
        assert words in await walk.answer(text)
    for text, words in (("kk", "is not one of"), ("ge, ge-ergonomic", "keep one"), ("", "")):
        assert words in await walk.answer(text)
    assert asked(walk).lines[0] == "You are mod-z; times are in Europe/Warsaw."
    assert await walk.answer("write") == ""
    assert filed(home, "moderator")["moderator"] == {
        "name": "mod-z", "timezone": "Europe/Warsaw", "languages": ["pl", "en"], "keyboards": [],
    }  # fmt: skip
    assert set_up().me == "mod-z"


async def test_a_missing_keyring_is_asked_about_in_place(
    home: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modtui.cli.compose.Child", NoRing)
    walk = guide()
    await say(walk, *UP_TO_SECRET, "good")
    question = asked(walk)
    assert "no system keyring" in question.lines[0].lower()
    assert "dbus-run-session" in question.lines[1]
    assert "MODTUI_HUB_TOKEN" in question.lines[1]
    assert [(option.key, bool(option.off)) for option in question.options] == [
        ("s", True), ("v", False), ("c", False), ("m", False),
    ]  # fmt: skip
    assert question.answer == "session"
    await say(walk, "session", "yes", "write")
    assert filed(home, "hub")["account"][0]["secret"] == "session"
    setup = walk.said.written
    assert setup is not None
    account = setup.account("hub")
    assert account is not None
    found = setup.credentials.read([account.wanted])["hub"]
    assert isinstance(found, dict)
    assert found["token"].reveal() == "good"
    assert "asked for at each start" in (await run(home, "sync", "--once")).err
    assert "asked for at each start" in (await run(home, "doctor")).out


async def test_a_vault_is_made_with_the_last_enter(
    home: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modtui.cli.compose.Child", NoRing)
    walk = guide()
    assert "8 characters" in await say(walk, *UP_TO_SECRET, "good", "vault", "short")
    assert asked(walk).title == "A passphrase for a new vault"
    assert "not the same" in await say(walk, "correct horse", "correct house")
    assert walk.back()
    assert asked(walk).kept
    assert await say(walk, "", "correct horse", "yes") == ""
    assert not list(home.home.rglob("vault*"))
    assert await say(walk, "write") == ""
    assert filed(home, "hub")["account"][0]["secret"] == "vault"
    assert "good" not in (home.home / "state" / "vault" / "vault.json").read_text()
    setup = walk.said.written
    assert setup is not None
    assert not any(setup.credentials.locked(each.wanted) for each in setup.accounts)
    found = setup.credentials.read(each.wanted for each in setup.accounts)["hub"]
    assert isinstance(found, dict)
    assert found["token"].reveal() == "good"
    assert "horse" not in repr(walk.said)


async def test_the_vault_that_is_there_wants_its_own_passphrase(home: Shell) -> None:
    walk = guide()
    await say(walk, *UP_TO_SECRET, "good", "vault", "correct horse", "correct horse", "yes")
    assert await say(walk, "write") == ""
    more = guide(first=False)
    await say(more, "standin", "hub.example.org", "yes", "two", "leave", "good", "vault")
    assert asked(more).title == "The passphrase of the vault"
    assert "that is not the passphrase" in await say(more, "correct house")
    assert await say(more, "correct horse", "yes", "write") == ""
    setup = more.said.written
    assert setup is not None
    found = setup.credentials.read(each.wanted for each in setup.accounts)
    assert {name for name, each in found.items() if isinstance(each, dict)} == {"hub", "two"}


async def test_a_machine_that_has_no_vault_says_how_to_get_one(
    home: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modtui.credentials.vault.find_spec", lambda name: None)
    walk = guide()
    await say(walk, *UP_TO_SECRET, "good")
    (off,) = [option.off for option in asked(walk).options if option.value == "vault"]
    assert 'pip install "modtui[vault]"' in off


async def test_a_command_is_tried_and_written(home: Shell, tmp_path: Path) -> None:
    manager = tmp_path / "manager"
    manager.write_text("#!/bin/sh\ntest -e $0.open || exit 1\ncat $0.$1\n")
    manager.chmod(0o700)
    (tmp_path / "manager.hub-token").write_text("good\nmore\n")
    walk = guide()
    await say(walk, *UP_TO_SECRET, "typed", "command")
    assert asked(walk).answer == "pass show modtui/{account}/{field}"
    for text, words in (
        ('pass "x', "a quote is not closed"),
        ("echo good", "would have the secret in it"),
        ("", "names no program"),
        (f"{manager} {{account}}-{{field}}", "ended with exit code 1"),
    ):
        assert words in await walk.answer(text)
        assert asked(walk).id == "command"
    (tmp_path / "manager.open").touch()
    assert await say(walk, f"{manager} {{account}}-{{field}}", "yes", "write") == ""
    (account,) = filed(home, "hub")["account"]
    assert account["secret"] == "command"
    assert account["secret_command"] == [str(manager), "{account}-{field}"]
    assert Ring.kept == {}
    assert (await run(home, "sync", "--once")).code == 0


async def test_a_keyring_that_fails_takes_the_account_away_again(
    home: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk = guide()
    await say(walk, *UP_TO_SECRET, "good", "system", "yes", "edit", "mod-z", "UTC", "en", "us")
    monkeypatch.setattr("modtui.cli.compose.Child", NoRing)
    assert "nothing was saved" in await walk.answer("write")
    assert asked(walk).id == "keep"
    assert not list(home.home.rglob("*.toml"))


async def test_a_secret_in_the_environment_is_not_asked_for(
    home: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODTUI_HUB_TOKEN", "good")
    walk = guide()
    await say(walk, *UP_TO_SECRET)
    assert asked(walk).title == "You post on hub as mod-bot (admin)."
    await say(walk, "yes", "write")
    assert Ring.kept == {}
    assert (await run(home, "sync", "--once")).code == 0


async def test_the_demo_ends_the_guide(home: Shell) -> None:
    walk = guide()
    assert await say(walk, "demo") == ""
    assert walk.question is None
    assert walk.said.demo
    assert not list(home.home.rglob("*.toml"))
