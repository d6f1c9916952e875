import io

import pytest

from tests.cli.shell import Shell
from tests.cli.standin import CONFIG, KIND, NoRing, Ring


@pytest.fixture
def hub(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A shell with one account that needs a token, and a keyring."""
    monkeypatch.setattr("modtui.cli.compose.KINDS", {"standin": KIND})
    monkeypatch.setattr("modtui.cli.compose.Child", Ring.empty())
    shell.config(CONFIG)
    return shell


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("good\n"))


OUTCOMES = [("wrong", 3, "not accepted"), ("weak", 3, "may not read"), ("far", 5, "reached")]


@pytest.mark.parametrize(("token", "code", "words"), OUTCOMES)
def test_each_answer_of_the_platform_has_its_code(
    hub: Shell, monkeypatch: pytest.MonkeyPatch, token: str, code: int, words: str
) -> None:
    monkeypatch.setenv("MODTUI_HUB_TOKEN", token)
    done = hub("sync", "--once")
    assert (done.code, len(done.err.splitlines())) == (code, 1)
    assert words in done.err
    (account,) = hub("queue", "--json").json["accounts"]
    assert account["health"] == ("offline" if token == "far" else "needs-login")
    assert words in account["detail"]
    checked = hub("doctor")
    assert (checked.code, words in checked.out) == (code, True)
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{token}\n"))
    refused = hub("login", "hub", "--stdin")
    assert (refused.code, len(refused.err.splitlines())) == (code, 1)
    assert "nothing was saved" in refused.err
    assert Ring.kept == {}


@pytest.mark.usefixtures("typed")
def test_login_shows_who_we_are_and_keeps_the_secret(hub: Shell) -> None:
    assert hub("sync", "--once").code == 3
    done = hub("login", "hub", "--stdin")
    assert done.code == 0
    assert done.out.splitlines() == [
        "You post on hub as mod-bot (admin).",
        "Can: reply.",
        "Cannot: ban.",
        "Kept in the system keyring (test.Keyring).",
    ]
    assert hub("sync", "--once").code == 0
    assert "good" not in "".join(p.read_text() for p in hub.home.rglob("*.toml"))
    assert hub("logout", "hub").out == "hub: 1 deleted\n"
    assert hub("logout", "hub").out == "hub: nothing was stored\n"
    assert hub("sync", "--once").code == 3


@pytest.mark.usefixtures("typed")
def test_a_stored_secret_is_bound_to_its_address(hub: Shell) -> None:
    assert hub("login", "hub", "--stdin").code == 0
    hub.config(CONFIG.replace("hub.example.org", "elsewhere.example.org"))
    done = hub("sync", "--once")
    assert (done.code, "log in again" in done.err) == (3, True)


def test_the_environment_is_told_by_doctor(hub: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modtui.cli.compose.Child", NoRing)
    missing = hub("sync", "--once")
    assert (missing.code, len(missing.err.splitlines())) == (3, 1)
    assert "no system keyring can be reached here" in missing.err
    assert hub("doctor").code == 3
    monkeypatch.setenv("MODTUI_HUB_TOKEN", "good")
    done = hub("doctor")
    assert done.code == 0
    assert "hub takes its token from MODTUI_HUB_TOKEN" in done.out
    assert hub("sync", "--once").code == 0


@pytest.mark.usefixtures("typed")
def test_without_a_keyring_nothing_is_saved(hub: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modtui.cli.compose.Child", NoRing)
    done = hub("login", "hub", "--stdin")
    assert (done.code, len(done.err.splitlines())) == (3, 1)
    assert "nothing was saved" in done.err
    assert "MODTUI_HUB_TOKEN" in done.err


def test_what_cannot_be_logged_into_is_a_usage_error(
    hub: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert hub("login", "hb").code == 2
    assert hub("login", "hub", "--store", "vault").code == 4
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert hub("login", "hub").code == 2
    assert hub("login", "hub", "--stdin").code == 2


def test_two_accounts_may_not_read_one_variable(hub: Shell) -> None:
    hub.config(CONFIG + CONFIG.replace('"hub"', '"hub-two"'))
    assert hub("accounts").code == 0
    hub.config(CONFIG + CONFIG)
    done = hub("accounts")
    assert (done.code, "is there twice" in done.err) == (4, True)
