import json
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from modtui.config import write_private
from modtui.credentials import (
    CHILD,
    Answer,
    Child,
    Credentials,
    CredentialsError,
    KeyringFailed,
    KeyringState,
    Vault,
    Wanted,
    origin_of,
    variable,
)
from modtui.domain.secret import Secret

FORUM = Wanted("forum", "https://forum.example.org:443", ("token",), ("password",))

WORKING = """
import json, pathlib
FILE = pathlib.Path(__file__).with_name("ring.json")
class Keyring: pass
def get_keyring(): return Keyring()
def _all(): return json.loads(FILE.read_text()) if FILE.exists() else {}
def get_password(service, name): return _all().get(service + " " + name)
def set_password(service, name, value):
    FILE.write_text(json.dumps({**_all(), service + " " + name: value}))
def delete_password(service, name):
    kept = _all(); del kept[service + " " + name]; FILE.write_text(json.dumps(kept))
"""


def ring(folder: Path, source: str, deadline: float = 5.0, **environ: str) -> Credentials:
    """Credentials over a stand-in for the keyring package."""
    (folder / "keyring.py").write_text(textwrap.dedent(source), encoding="utf-8")
    code = f"import sys; sys.path.insert(0, {str(folder)!r})\n{CHILD}"
    return credentials_of(folder, Child((sys.executable, "-c", code), deadline), environ)


def credentials_of(folder: Path, child: Child, environ: Mapping[str, str] = {}) -> Credentials:
    """Credentials whose vault would be in `folder`."""
    return Credentials(
        "abc", environ, lambda: child, lambda: Vault(folder / "vault.json", write_private)
    )


def kept(folder: Path) -> dict[str, str]:
    """What the stand-in holds."""
    found: dict[str, str] = json.loads((folder / "ring.json").read_text("utf-8"))
    return found


def failing(name: str) -> str:
    return f"class {name}(Exception): pass\nclass Keyring: pass\n" + textwrap.dedent(
        f"""
        def get_keyring(): return Keyring()
        def get_password(*a): raise {name}("secret words of the backend")
        set_password = delete_password = get_password
        """
    )


PLAINTEXT = """
class PlaintextKeyring: pass
class Derived(PlaintextKeyring): pass
class Chainer: backends = [Derived()]
def get_keyring(): return Chainer()
def get_password(*a): raise SystemExit("must not be asked")
set_password = delete_password = get_password
"""
FORGETFUL = WORKING.replace("FILE.write_text(json.dumps({**_all()", "(json.dumps({**_all()")
NULL = "class Keyring: pass\nKeyring.__module__ = 'keyring.backends.fail'\n" + (
    "def get_keyring(): return Keyring()\n"
)
HANGING = "def get_keyring():\n    import time\n    time.sleep(600)\n"

STATES = [
    (WORKING, KeyringState.OK, "works"),
    (NULL, KeyringState.NONE, "no system keyring can be reached here"),
    (failing("NoKeyringError"), KeyringState.NONE, "no D-Bus session"),
    (failing("KeyringLocked"), KeyringState.LOCKED, "exists but is locked"),
    (failing("InitError"), KeyringState.LOCKED, "exists but is locked"),
    (failing("CalledProcessError"), KeyringState.ERROR, "CalledProcessError"),
    (FORGETFUL, KeyringState.ERROR, "did not keep"),
    ("import sys; sys.exit(7)\n", KeyringState.ERROR, "the keyring failed"),
    (PLAINTEXT, KeyringState.INSECURE, "refusing: keyring would use PlaintextKeyring"),
]


@pytest.mark.parametrize("first", [{"token": "old"}, {}])
def test_what_is_kept_in_part_is_taken_back(tmp_path: Path, first: dict[str, str]) -> None:
    choosy = WORKING.replace(
        "    FILE.write", "    if 'refused' in value: raise RuntimeError\n    FILE.write"
    )
    credentials = ring(tmp_path, choosy)
    if first:
        credentials.keep(FORUM, {name: Secret(value) for name, value in first.items()})
    before = kept(tmp_path) if first else {}
    with pytest.raises(KeyringFailed, match="nothing was saved"):
        credentials.keep(FORUM, {"token": Secret("new"), "password": Secret("refused")})
    assert kept(tmp_path) == before


@pytest.mark.parametrize("first", [{"token": "old"}, {}])
def test_what_is_kept_otherwise_without_a_word_is_taken_back_and_told(
    tmp_path: Path, first: dict[str, str]
) -> None:
    cuts = WORKING.replace(
        "    FILE.write", "    value = value.replace('lost', '')\n    FILE.write"
    )
    credentials = ring(tmp_path, cuts)
    if first:
        credentials.keep(FORUM, {name: Secret(value) for name, value in first.items()})
    before = kept(tmp_path) if first else {}
    with pytest.raises(KeyringFailed, match=r"nothing was saved: .*did not keep") as caught:
        credentials.keep(FORUM, {"token": Secret("new"), "password": Secret("lost")})
    assert kept(tmp_path) == before
    assert ("what it had before is there again" in str(caught.value)) == bool(first)
    assert "\n" not in str(caught.value)


def test_what_cannot_be_put_back_is_told(tmp_path: Path) -> None:
    ring(tmp_path, WORKING).keep(FORUM, {"token": Secret("old")})
    stuck = WORKING.replace("    FILE.write", "    value = 'garbled'\n    FILE.write")
    with pytest.raises(KeyringFailed, match="what it had before could not be put back"):
        ring(tmp_path, stuck).keep(FORUM, {"token": Secret("new")})


@pytest.mark.parametrize(("source", "state", "words"), STATES)
def test_each_state_of_the_keyring_has_its_own_words(
    tmp_path: Path, source: str, state: KeyringState, words: str
) -> None:
    health = ring(tmp_path, source).probe()
    line = health.line
    assert health.state is state
    assert words in line
    assert "\n" not in line
    assert "secret words" not in line


def test_a_hanging_keyring_is_killed_at_the_deadline(tmp_path: Path) -> None:
    started = time.monotonic()
    health = ring(tmp_path, HANGING, deadline=0.4).probe()
    assert health.state is KeyringState.HANGING
    assert "password prompt" in health.line
    assert time.monotonic() - started < 3


def test_a_hanging_keyring_is_not_left_behind_by_one_who_is_killed(tmp_path: Path) -> None:
    (tmp_path / "keyring.py").write_text(
        "def get_keyring():\n    import pathlib, os, time\n"
        f"    pathlib.Path({str(tmp_path / 'pid')!r}).write_text(str(os.getpid()))\n"
        "    time.sleep(600)\n"
    )
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{CHILD}"
    asking = (
        "import sys; from modtui.credentials import Child;"
        "Child((sys.executable, '-c', sys.argv[1]), 1.0).ask({'do': 'probe', 'names': [],"
        " 'service': 'abc'})"
    )
    with subprocess.Popen([sys.executable, "-c", asking, code]) as process:
        until(lambda: (tmp_path / "pid").exists() and bool((tmp_path / "pid").read_text()))
        process.kill()
    child = int((tmp_path / "pid").read_text())
    until(lambda: ended(child))


def ended(pid: int) -> bool:
    try:
        return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True


def until(what: Callable[[], bool]) -> None:
    """Wait until it is so, for a quarter of a minute."""
    end = time.monotonic() + 15
    while not what():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_secret_comes_back_and_can_be_forgotten(tmp_path: Path) -> None:
    credentials = ring(tmp_path, WORKING)
    assert "keyring" in credentials.keep(FORUM, {"token": Secret("t0k")})
    found = credentials.read([FORUM])["forum"]
    assert isinstance(found, dict)
    assert {name: secret.reveal() for name, secret in found.items()} == {"token": "t0k"}
    assert credentials.forget(FORUM) == 1
    assert credentials.forget(FORUM) == 0
    missing = credentials.read([FORUM])["forum"]
    assert isinstance(missing, CredentialsError)
    assert "modtui login forum, or set MODTUI_FORUM_TOKEN" in str(missing)


def test_a_secret_for_another_origin_means_log_in_again(tmp_path: Path) -> None:
    credentials = ring(tmp_path, WORKING)
    credentials.keep(FORUM, {"token": Secret("t0k")})
    moved = Wanted("forum", "https://elsewhere.example.org:443", ("token",))
    answer = credentials.read([moved])["forum"]
    assert isinstance(answer, CredentialsError)
    assert "log in again" in str(answer)
    assert "t0k" not in str(answer)


def test_two_configuration_folders_share_nothing(tmp_path: Path) -> None:
    credentials = ring(tmp_path, WORKING)
    credentials.keep(FORUM, {"token": Secret("t0k")})
    assert all(name.startswith("modtui-abc ") for name in kept(tmp_path))


def test_the_environment_wins_and_needs_no_keyring(tmp_path: Path) -> None:
    credentials = ring(
        tmp_path, PLAINTEXT, MODTUI_FORUM_TOKEN="from env", MODTUI_FORUM_PASSWORD="also"
    )
    found = credentials.read([FORUM])["forum"]
    assert isinstance(found, dict)
    assert found["token"].reveal() == "from env"
    assert credentials.from_environment(FORUM) == ("token", "password")


def test_a_failing_keyring_is_never_called_a_wrong_token(tmp_path: Path) -> None:
    credentials = ring(tmp_path, failing("KeyringLocked"))
    answer = credentials.read([FORUM])["forum"]
    assert isinstance(answer, KeyringFailed)
    assert answer.state is KeyringState.LOCKED
    with pytest.raises(KeyringFailed, match="nothing was saved: the keyring exists but is locked"):
        credentials.keep(FORUM, {"token": Secret("t0k")})


NESTED = """
class PlaintextKeyring: pass
class Inner: backends = [PlaintextKeyring()]
class Outer: backends = [Inner()]
def get_keyring(): return Outer()
def get_password(*a): raise SystemExit("must not be asked")
set_password = delete_password = get_password
"""


def test_plain_text_is_refused_however_deep_it_is(tmp_path: Path) -> None:
    credentials = ring(tmp_path, NESTED)
    answer = credentials.read([FORUM])["forum"]
    assert isinstance(answer, KeyringFailed)
    assert answer.state is KeyringState.INSECURE
    with pytest.raises(KeyringFailed, match="nothing was saved: refusing"):
        credentials.keep(FORUM, {"token": Secret("t0k")})


FAILING = [(source, state) for source, state, _ in STATES if source not in (WORKING, FORGETFUL)]


@pytest.mark.parametrize(("source", "state"), FAILING)
def test_every_failing_state_says_what_does_instead(
    tmp_path: Path, source: str, state: KeyringState
) -> None:
    answer = ring(tmp_path, source).read([FORUM])["forum"]
    assert isinstance(answer, KeyringFailed)
    assert answer.state is state
    assert "modtui login forum --store vault, command or session" in str(answer)
    assert "MODTUI_FORUM_TOKEN" in str(answer)
    assert "token invalid" not in str(answer)


def test_a_child_that_is_killed_is_an_error_and_no_answer(tmp_path: Path) -> None:
    source = "import os, signal\ndef get_keyring(): os.kill(os.getpid(), signal.SIGKILL)\n"
    health = ring(tmp_path, source).probe()
    assert health.state is KeyringState.ERROR
    assert "ended by signal 9" in health.line


def test_all_accounts_are_read_by_one_child(tmp_path: Path) -> None:
    counted = WORKING + "with FILE.with_name('asked').open('a') as log: log.write('x')\n"
    credentials = ring(tmp_path, counted)
    others = [replace(FORUM, account=name) for name in ("one", "two", "three")]
    for wanted in others:
        credentials.keep(wanted, {"token": Secret(wanted.account)})
    (tmp_path / "asked").write_text("")
    assert len(credentials.read(others)) == 3
    assert (tmp_path / "asked").read_text() == "x"


def test_what_is_optional_does_without_a_keyring(tmp_path: Path) -> None:
    credentials = ring(tmp_path, failing("NoKeyringError"))
    hook = Wanted("hook", "https://hook.example.org:443", (), ("token",))
    assert credentials.read([hook])["hook"] == {}


def test_names_and_origins() -> None:
    assert variable("my-forum", "api_key") == "MODTUI_MY_FORUM_API_KEY"
    assert origin_of("https://Forum.example.org/path") == "https://forum.example.org:443"
    assert origin_of("http://127.0.0.1:4021/@/x") == "http://127.0.0.1:4021"


class NoRing(Child):
    """A keyring that must not be asked."""

    def ask(self, question: Mapping[str, Any]) -> Answer:
        raise AssertionError(f"the keyring was asked: {question['do']}")


def test_a_secret_of_the_session_is_in_memory_alone(tmp_path: Path) -> None:
    here = replace(FORUM, store="session")
    credentials = credentials_of(tmp_path, NoRing())
    assert credentials.unsaid(here) == ("token",)
    assert str(credentials.read([here])["forum"]) == (
        "the token of forum is asked for at each start of modtui: start it anew,"
        " or set MODTUI_FORUM_TOKEN"
    )
    credentials.keep(here, {"token": Secret("t0ken")})
    assert credentials.unsaid(here) == ()
    found = credentials.read([here])["forum"]
    assert isinstance(found, dict)
    assert {name: secret.reveal() for name, secret in found.items()} == {"token": "t0ken"}
    elsewhere = replace(here, origin="https://evil.example.org:443")
    assert isinstance(credentials.read([elsewhere])["forum"], CredentialsError)


def test_the_environment_wins_over_the_session(tmp_path: Path) -> None:
    here = replace(FORUM, store="session")
    credentials = credentials_of(tmp_path, NoRing(), {"MODTUI_FORUM_TOKEN": "given"})
    assert credentials.unsaid(here) == ()
    credentials.keep(here, {"token": Secret("said")})
    found = credentials.read([here])["forum"]
    assert isinstance(found, dict)
    assert found["token"].reveal() == "given"
