import sys
import textwrap
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from modtui.credentials import (
    CHILD,
    Answer,
    Child,
    Credentials,
    CredentialsError,
    KeyringFailed,
    KeyringState,
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
    return Credentials("abc", environ, Child((sys.executable, "-c", code), deadline))


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


@pytest.mark.parametrize(("source", "state", "words"), STATES)
def test_each_state_of_the_keyring_has_its_own_words(
    tmp_path: Path, source: str, state: KeyringState, words: str
) -> None:
    found, line = ring(tmp_path, source).probe()
    assert found is state
    assert words in line
    assert "\n" not in line
    assert "secret words" not in line


def test_a_hanging_keyring_is_killed_at_the_deadline(tmp_path: Path) -> None:
    started = time.monotonic()
    state, line = ring(tmp_path, HANGING, deadline=0.4).probe()
    assert state is KeyringState.HANGING
    assert "password prompt" in line
    assert time.monotonic() - started < 3


def test_a_secret_comes_back_and_can_be_forgotten(tmp_path: Path) -> None:
    credentials = ring(tmp_path, WORKING)
    assert "keyring" in credentials.store(FORUM, {"token": Secret("t0k")})
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
    credentials.store(FORUM, {"token": Secret("t0k")})
    moved = Wanted("forum", "https://elsewhere.example.org:443", ("token",))
    answer = credentials.read([moved])["forum"]
    assert isinstance(answer, CredentialsError)
    assert "log in again" in str(answer)
    assert "t0k" not in str(answer)


def test_two_configuration_folders_share_nothing(tmp_path: Path) -> None:
    credentials = ring(tmp_path, WORKING)
    credentials.store(FORUM, {"token": Secret("t0k")})
    other = Credentials("def", {}, credentials._child)
    assert isinstance(other.read([FORUM])["forum"], CredentialsError)


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
        credentials.store(FORUM, {"token": Secret("t0k")})


def test_names_and_origins() -> None:
    assert variable("my-forum", "api_key") == "MODTUI_MY_FORUM_API_KEY"
    assert origin_of("https://Forum.example.org/path") == "https://forum.example.org:443"
    assert origin_of("http://127.0.0.1:4021/@/x") == "http://127.0.0.1:4021"


class NoRing(Child):
    """A keyring that must not be asked."""

    def ask(self, question: Mapping[str, Any]) -> Answer:
        raise AssertionError(f"the keyring was asked: {question['do']}")


def test_a_secret_of_the_session_is_in_memory_alone() -> None:
    here = replace(FORUM, store="session")
    credentials = Credentials("abc", {}, NoRing())
    assert credentials.unsaid(here) == ("token",)
    assert "asked for at each start" in str(credentials.read([here])["forum"])
    credentials.remember(here, {"token": Secret("t0ken")})
    assert credentials.unsaid(here) == ()
    found = credentials.read([here])["forum"]
    assert isinstance(found, dict)
    assert {name: secret.reveal() for name, secret in found.items()} == {"token": "t0ken"}
    elsewhere = replace(here, origin="https://evil.example.org:443")
    assert isinstance(credentials.read([elsewhere])["forum"], CredentialsError)


def test_the_environment_wins_over_the_session() -> None:
    here = replace(FORUM, store="session")
    credentials = Credentials("abc", {"MODTUI_FORUM_TOKEN": "given"}, NoRing())
    assert credentials.unsaid(here) == ()
    credentials.remember(here, {"token": Secret("said")})
    found = credentials.read([here])["forum"]
    assert isinstance(found, dict)
    assert found["token"].reveal() == "given"
