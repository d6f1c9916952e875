import io
from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tests.cli.standin import CONFIG, KIND, NoRing, Ring


@pytest.fixture
def hub(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A shell with one account that needs a token, and a keyring."""
    monkeypatch.setattr("modtui.cli.compose.KINDS", {"standin": KIND})
    monkeypatch.setattr("modtui.credentials.ring.Child", Ring.empty())
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


def test_a_rate_limit_that_keeps_us_waiting_is_what_was_wrong(
    hub: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modtui.cli.login.ANSWER_SECONDS", 0.05)
    monkeypatch.setenv("MODTUI_HUB_TOKEN", "spent")
    done = hub("doctor")
    assert (done.code, "no requests are left: try again in 30 min" in done.out) == (5, True)


@pytest.mark.usefixtures("typed")
def test_login_shows_who_we_are_and_keeps_the_secret(hub: Shell) -> None:
    assert hub("sync", "--once").code == 3
    done = hub("login", "hub", "--stdin")
    assert done.code == 0
    assert done.out.splitlines() == [
        "You post on hub as mod-bot (admin).",
        "Can: reply.",
        "Cannot: ban.",
        "To send to whoever runs it: mod-bot moderates on hub and cannot: ban",
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
    monkeypatch.setattr("modtui.credentials.ring.Child", NoRing)
    missing = hub("sync", "--once")
    assert (missing.code, len(missing.err.splitlines())) == (3, 1)
    assert "no system keyring can be reached here" in missing.err
    assert hub("doctor").code == 3
    monkeypatch.setenv("MODTUI_HUB_TOKEN", "good")
    done = hub("doctor")
    assert done.code == 0
    assert "hub takes its token from MODTUI_HUB_TOKEN" in done.out
    assert "; 1 account\n" in done.out
    assert hub("sync", "--once").code == 0


@pytest.mark.usefixtures("typed")
def test_without_a_keyring_nothing_is_saved(hub: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modtui.credentials.ring.Child", NoRing)
    done = hub("login", "hub", "--stdin")
    assert (done.code, len(done.err.splitlines())) == (3, 1)
    assert "nothing was saved" in done.err
    assert "MODTUI_HUB_TOKEN" in done.err


def test_what_cannot_be_logged_into_is_a_usage_error(
    hub: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert hub("login", "hb").code == 2
    done = hub("login", "hub", "--store", "volt")
    assert (done.code, 'did you mean "vault"?' in done.err) == (2, True)
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert hub("login", "hub").code == 2
    assert hub("login", "hub", "--stdin").code == 2


@pytest.mark.parametrize("errors", ["strict", "surrogateescape"])
def test_stdin_that_is_no_text_is_one_line(
    hub: Shell, monkeypatch: pytest.MonkeyPatch, errors: str
) -> None:
    raw = io.BytesIO(b"caf\xe9-of-latin-1\n")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(raw, "utf-8", errors))
    done = hub("login", "hub", "--stdin")
    assert (done.code, done.err) == (
        2, "modtui: what came on stdin is not text; nothing was saved\n",
    )  # fmt: skip


def test_two_accounts_may_not_read_one_variable(hub: Shell) -> None:
    hub.config(CONFIG + CONFIG.replace('"hub"', '"hub-two"'))
    assert hub("accounts").code == 0
    hub.config(CONFIG + CONFIG)
    done = hub("accounts")
    assert (done.code, "is there twice" in done.err) == (4, True)


def says(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


@pytest.fixture
def own(hub: Shell) -> Path:
    """The account in the file that `modtui init` wrote, with a line of somebody's."""
    (hub.home / "config.toml").unlink()
    file = hub.home / "config.d" / "hub.toml"
    file.parent.mkdir(mode=0o700)
    file.write_text(f"# ours\n{CONFIG}")
    return file


@pytest.mark.usefixtures("typed")
def test_the_user_s_own_file_is_not_changed(hub: Shell) -> None:
    done = hub("login", "hub", "--store", "vault", "--stdin")
    assert (done.code, len(done.err.splitlines())) == (4, 1)
    assert "config.toml:1: modtui does not change your own file" in done.err
    assert (hub.home / "config.toml").read_text() == CONFIG


def test_login_keeps_the_secret_in_a_vault(
    hub: Shell, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(monkeypatch, "good")
    assert hub("login", "hub", "--stdin").code == 0
    says(monkeypatch, "good", "short")
    short = hub("login", "hub", "--store", "vault", "--stdin")
    assert (short.code, "8 characters" in short.err) == (3, True)
    assert own.read_text() == f"# ours\n{CONFIG}"
    says(monkeypatch, "good", "correct horse")
    done = hub("login", "hub", "--store", "vault", "--stdin")
    assert (done.code, done.err) == (0, "")
    file = hub.home / "state" / "vault" / "vault.json"
    assert done.out.splitlines()[-1] == (
        f"Kept in the vault ({file}). It is gone from the system keyring."
    )
    head, rest = CONFIG.split("\n", 1)
    assert own.read_text() == f'# ours\n{head}\nsecret = "vault"\n{rest}'
    assert Ring.kept == {}
    locked = hub("sync", "--once")
    assert (locked.code, "the vault is locked" in locked.err) == (3, True)
    assert "set MODTUI_HUB_TOKEN" in locked.err
    checked = hub("doctor")
    assert (checked.code, "its vault is locked here" in checked.out) == (0, True)
    says(monkeypatch, "good", "correct house")
    wrong = hub("login", "hub", "--stdin")
    assert (wrong.code, "that is not the passphrase of the vault" in wrong.err) == (3, True)
    assert hub("logout", "hub").out == "hub: 1 deleted\n"
    assert hub("logout", "hub").out == "hub: nothing was stored\n"


def test_the_passphrase_is_asked_for_on_a_terminal(
    hub: Shell, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    asked: list[str] = []
    typed = iter(("good", "correct horse", "mistyped it", "correct horse", "correct horse"))

    def prompt(words: str, **how: object) -> str:
        assert how["hide_input"]
        asked.append(words)
        return next(typed)

    monkeypatch.setattr("click.prompt", prompt)
    monkeypatch.setattr("sys.stdin", Terminal())
    done = hub("login", "hub", "--store", "vault")
    assert (done.code, "these two are not the same" in done.err) == (0, True)
    assert [words.partition(" (")[0] for words in asked] == [
        "token", *(2 * ("A passphrase for it", "Once more")),
    ]  # fmt: skip
    typed = iter(("wrong one", "correct horse"))
    synced = hub("sync", "--once")
    assert (synced.code, "not the passphrase" in synced.err) == (0, True)
    typed = iter(("wrong one",) * 3)
    stays = hub("sync", "--once")
    assert (stays.code, "the vault stays locked" in stays.err) == (3, True)
    monkeypatch.setenv("MODTUI_HUB_TOKEN", "good")
    assert hub("sync", "--once").code == 0


def test_login_asks_the_command_of_the_account(hub: Shell, tmp_path: Path) -> None:
    assert "has no command" in hub("login", "hub", "--store", "command").err
    manager = tmp_path / "manager"
    manager.write_text('#!/bin/sh\necho good\necho "$@" >> $0.asked\n')
    manager.chmod(0o700)
    hub.config(
        f'secret_command = ["{manager}", "show", "{{account}}/{{field}}"]\n'
        f'{CONFIG}secret = "command"\n'
    )
    done = hub("login", "hub")
    assert (done.code, done.out.splitlines()[0]) == (0, "You post on hub as mod-bot (admin).")
    assert done.out.splitlines()[-1] == (
        f"{manager} is asked for it at each start; nothing is kept."
    )
    assert hub("sync", "--once").code == 0
    assert set((tmp_path / "manager.asked").read_text().split("\n")) == {"show hub/token", ""}
    out = hub("logout", "hub")
    assert (out.code, "delete them there" in out.err) == (3, True)
    manager.write_text("#!/bin/sh\nexit 2\n")
    failed = hub("sync", "--once")
    assert (failed.code, len(failed.err.splitlines())) == (3, 1)
    assert "ended with exit code 2: see what it says" in failed.err


def test_a_session_is_only_checked(hub: Shell, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    says(monkeypatch, "good")
    done = hub("login", "hub", "--store", "session", "--stdin")
    assert (done.code, "asks for it at each start; nothing is kept" in done.out) == (0, True)
    assert 'secret = "session"\n' in own.read_text()
    says(monkeypatch, "good")
    assert hub("login", "hub", "--stdin").code == 0
    says(monkeypatch, "good")
    assert "Kept in the system keyring" in hub("login", "hub", "--store", "system", "--stdin").out
    assert own.read_text().count("secret = ") == 1


def test_an_account_goes_to_its_command_and_back(
    hub: Shell, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = 'secret_command = [\n  "sh",\n  "-c",\n  "cat secret.txt",\n]\n'
    own.write_text(f"{CONFIG}{command}")
    monkeypatch.chdir(hub.home)
    (hub.home / "secret.txt").write_text("good\n")
    there = hub("login", "hub", "--store", "command")
    assert (there.code, there.err) == (0, "")
    assert 'secret = "command"\n' in own.read_text()
    says(monkeypatch, "good", "correct horse")
    back = hub("login", "hub", "--store", "vault", "--stdin")
    assert (back.code, back.err) == (0, "")
    assert own.read_text().count("secret = ") == 1
    assert own.read_text().endswith(command)


def test_what_the_platform_refuses_changes_no_file(
    hub: Shell, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(monkeypatch, "wrong", "correct horse")
    done = hub("login", "hub", "--store", "vault", "--stdin")
    assert (done.code, "nothing was saved" in done.err) == (3, True)
    assert own.read_text() == f"# ours\n{CONFIG}"
    assert not list(hub.home.rglob("vault*"))


def test_doctor_keyring_says_what_does_without(hub: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    well = hub("doctor", "keyring")
    assert (well.code, well.out.splitlines()) == (
        0, ["ok: the system keyring works (test.Keyring)", "hub: system"],
    )  # fmt: skip
    monkeypatch.setattr("modtui.credentials.ring.Child", NoRing)
    done = hub("doctor", "keyring")
    assert done.code == 3
    lines = done.out.splitlines()
    assert lines[0].startswith("none: no system keyring can be reached here")
    assert lines[1].startswith("To mend it: start one with dbus-run-session")
    assert [line.split("  ")[1] for line in lines[3:6]] == [
        f"modtui login hub --store {store}" for store in ("vault", "command", "session")
    ]
    told = hub("doctor", "keyring", "--json")
    assert told.code == 3
    assert (told.json["state"], told.json["ok"]) == ("none", False)
    assert told.json["accounts"] == [{"name": "hub", "store": "system", "from_environment": []}]
    assert hub("doctor", "keys").code == 2
