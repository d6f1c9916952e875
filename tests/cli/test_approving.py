"""login --approve: an address to open, what it shows pasted, and a secret kept."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

import pytest

from modtui.connectors import Approval, Rejected
from modtui.domain.secret import Secret
from tests.cli.shell import Shell
from tests.cli.standin import CONFIG, KIND, Ring
from tests.cli.walking import asked, guide, say


def begin(url: str, fresh: Callable[[], str]) -> Approval:
    assert fresh() != fresh()

    def take(pasted: str) -> Secret:
        if pasted != "approved":
            raise Rejected("this is no answer to the address shown above")
        return Secret("good")

    return Approval("token", f"{url}/approve", take)


@pytest.fixture
def hub(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:
    kinds = {"standin": replace(KIND, approve=lambda: begin)}
    monkeypatch.setattr("modtui.cli.compose.KINDS", kinds)
    monkeypatch.setattr("modtui.credentials.ring.Child", Ring.empty())
    shell.config(CONFIG)
    return shell


def test_what_was_approved_is_checked_and_kept(hub: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("approved\n"))
    done = hub("login", "hub", "--approve", "--stdin")
    assert done.code == 0
    assert "https://hub.example.org/approve" in done.out.splitlines()
    assert "You post on hub as mod-bot (admin)." in done.out
    assert hub("sync", "--once").code == 0


@pytest.mark.parametrize(("pasted", "code", "words"), [
    ("hello\n", 3, "no answer"), ("\n", 2, "needs a token"),
])  # fmt: skip
def test_what_is_no_answer_keeps_nothing(
    hub: Shell, monkeypatch: pytest.MonkeyPatch, pasted: str, code: int, words: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(pasted))
    done = hub("login", "hub", "--approve", "--stdin")
    assert (done.code, words in done.err, "nothing was saved" in done.err) == (code, True, True)
    assert Ring.kept == {}


def test_a_kind_without_approval_says_so(hub: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modtui.cli.compose.KINDS", {"standin": KIND})
    done = hub("login", "hub", "--approve", "--stdin")
    assert (done.code, "nothing to approve" in done.err) == (2, True)


def test_a_terminal_asks_until_it_fits(hub: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Terminal("hello\napproved\n"))
    done = hub("login", "hub", "--approve")
    assert done.code == 0
    assert "no answer" in done.err


async def test_the_guide_takes_an_approved_secret(hub: Shell) -> None:
    walk = guide()
    await say(walk, "connect", "standin", "hub.example.org", "second")
    assert (asked(walk).id, asked(walk).answer) == ("how", "approve")
    await say(walk, "approve")
    assert asked(walk).copies == "https://hub.example.org/approve"
    assert asked(walk).copies in asked(walk).lines
    assert await say(walk, "hello") == "this is no answer to the address shown above"
    await say(walk, "approved")
    assert asked(walk).id == "keep"
    await say(walk, "system")
    assert asked(walk).title == "You post on second as mod-bot (admin)."
    await say(walk, "yes", "write")
    assert walk.question is None
    assert len(Ring.kept) == 1


async def test_the_guide_takes_a_typed_secret_all_the_same(hub: Shell) -> None:
    walk = guide()
    await say(walk, "connect", "standin", "hub.example.org", "second", "type")
    assert asked(walk).id == "secret:token"
    assert walk.back()
    assert asked(walk).id == "how"
