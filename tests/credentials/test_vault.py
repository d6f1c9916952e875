import errno
import fcntl
import json
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from modtui.config import write_private
from modtui.credentials import (
    CredentialsError,
    Need,
    Vault,
    VaultFailed,
    Wanted,
    WrongPassphrase,
    no_vault,
)
from modtui.credentials.vault import Cost
from modtui.domain.secret import Secret

FORUM = Wanted("forum", "https://forum.example.org:443", ("token",), ("password",), "vault")
CHAT = replace(FORUM, account="chat", origin="https://chat.example.org:443")
PASSPHRASE = Secret("correct horse")
CHEAP = Cost(memory_kib=64, passes=1)


def vault(folder: Path, passphrase: Secret | None = PASSPHRASE) -> Vault:
    """The vault of a new process; open with `passphrase`, if there is one."""
    found = Vault(folder / "vault" / "vault.json", write_private, CHEAP)
    if passphrase is not None:
        found.unlock(passphrase)
    return found


def read(kept: Vault, wanted: Wanted) -> dict[str, str] | CredentialsError:
    found = kept.read([Need(wanted, wanted.fields)])[wanted.account]
    if isinstance(found, CredentialsError):
        return found
    return {name: secret.reveal() for name, secret in found.items()}


def test_a_secret_comes_back_in_the_next_session_and_can_be_forgotten(tmp_path: Path) -> None:
    where = vault(tmp_path).keep(FORUM, {"token": Secret("t0ken-ä")})
    assert "vault.json" in where
    later = vault(tmp_path)
    assert read(later, FORUM) == {"token": "t0ken-ä"}
    locked = vault(tmp_path, None)
    assert locked.forget(FORUM) == 1
    assert locked.forget(FORUM) == 0
    assert read(vault(tmp_path), FORUM) == {}


def test_file_and_folder_are_their_owners_alone_and_hold_no_plain_text(tmp_path: Path) -> None:
    folder = tmp_path / "vault"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    kept = vault(tmp_path)
    kept.keep(FORUM, {"token": Secret("t0ken")})
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for file in folder.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert b"t0ken" not in file.read_bytes()
        assert b"correct horse" not in file.read_bytes()
    assert {file.name for file in folder.iterdir()} == {"vault.json", "lock"}


def test_a_wrong_passphrase_is_called_that(tmp_path: Path) -> None:
    vault(tmp_path).keep(FORUM, {"token": Secret("t0ken")})
    locked = vault(tmp_path, None)
    with pytest.raises(WrongPassphrase, match="that is not the passphrase of the vault"):
        locked.unlock(Secret("correct house"))
    assert locked.locked
    assert "the vault is locked" in str(read(locked, FORUM))
    assert "MODTUI_FORUM_TOKEN" in str(read(locked, FORUM))


def test_a_locked_vault_is_never_taken_for_no_secret(tmp_path: Path) -> None:
    hook = Wanted("hook", "https://hook.example.org:443", (), ("token", "other"), "vault")
    vault(tmp_path).keep(hook, {"token": Secret("t0ken")})
    locked = vault(tmp_path, None)
    assert "the vault is locked" in str(read(locked, hook))
    assert "MODTUI_HOOK_TOKEN" in str(read(locked, hook))
    assert read(locked, FORUM) == {}
    assert locked.holds(Need(hook, hook.fields))
    assert not locked.holds(Need(FORUM, FORUM.fields))
    assert not locked.holds(Need(hook, ("other",)))


def test_a_new_vault_takes_no_short_passphrase(tmp_path: Path) -> None:
    with pytest.raises(WrongPassphrase, match="8 characters or more"):
        vault(tmp_path, Secret("short"))
    assert not (tmp_path / "vault").exists()


@pytest.mark.parametrize("part", ["account", "field", "origin"])
def test_swapped_entries_are_refused(tmp_path: Path, part: str) -> None:
    kept = vault(tmp_path)
    kept.keep(FORUM, {"token": Secret("of forum"), "password": Secret("other")})
    kept.keep(CHAT, {"token": Secret("of chat")})
    raw = json.loads(kept.path.read_text())
    places = {(each["account"], each["field"]): each for each in raw["entries"]}
    mine = places["forum", "token"]
    other = places["forum", "password"] if part == "field" else places["chat", "token"]
    if part == "origin":
        mine["origin"] = other["origin"]
    else:
        mine["sealed"], other["sealed"] = other["sealed"], mine["sealed"]
    kept.path.write_text(json.dumps(raw))
    answer = read(vault(tmp_path), FORUM)
    assert isinstance(answer, VaultFailed)
    assert "altered or put in the place of another" in str(answer)
    assert "of chat" not in str(answer)


def test_a_secret_for_another_origin_means_log_in_again(tmp_path: Path) -> None:
    kept = vault(tmp_path)
    kept.keep(FORUM, {"token": Secret("t0ken")})
    answer = read(kept, replace(FORUM, origin="https://evil.example.org:443"))
    assert "log in again with modtui login forum" in str(answer)
    assert "https://forum.example.org:443" in str(answer)


DAMAGED = ["", "{}", "[]", "not json", '{"kdf": {"memory_kib": "x"}}']


@pytest.mark.parametrize("text", DAMAGED)
def test_a_damaged_file_is_said_to_be_that_and_left_alone(tmp_path: Path, text: str) -> None:
    kept = vault(tmp_path)
    kept.path.write_text(text)
    with pytest.raises(VaultFailed, match="the vault is damaged"):
        vault(tmp_path)
    assert "the vault is damaged" in str(read(kept, FORUM))
    assert kept.path.read_text() == text


TAMPERED = [
    ("salt", '""'), ("salt", '"AAAA"'), ("kdf", '{"memory_kib": 1e999, "passes": 1, "lanes": 1}'),
    ("kdf", '{"memory_kib": 64, "passes": -1e999, "lanes": 1}'), ("entries", "[" * 100_000),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), TAMPERED)
def test_a_file_that_was_tampered_with_is_a_damaged_one(
    tmp_path: Path, name: str, value: str
) -> None:
    kept = vault(tmp_path)
    kept.keep(FORUM, {"token": Secret("t0ken")})
    raw = json.loads(kept.path.read_text())
    raw[name] = "HERE"
    kept.path.write_text(json.dumps(raw).replace('"HERE"', value))
    with pytest.raises(VaultFailed, match="the vault is damaged"):
        vault(tmp_path)
    assert "the vault is damaged" in str(read(kept, FORUM))


def test_a_file_cannot_ask_for_all_the_memory(tmp_path: Path) -> None:
    kept = vault(tmp_path)
    raw = json.loads(kept.path.read_text())
    raw["kdf"]["memory_kib"] = 1 << 31
    kept.path.write_text(json.dumps(raw))
    with pytest.raises(VaultFailed, match="too much memory"):
        vault(tmp_path)


def test_a_vault_that_cannot_be_written_keeps_what_it_had(tmp_path: Path) -> None:
    vault(tmp_path).keep(FORUM, {"token": Secret("t0ken")})

    def full(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device", str(path))

    broken = Vault(tmp_path / "vault" / "vault.json", full, CHEAP)
    broken.unlock(PASSPHRASE)
    with pytest.raises(VaultFailed, match=r"nothing was saved: .*No space left"):
        broken.keep(FORUM, {"token": Secret("new")})
    assert read(vault(tmp_path), FORUM) == {"token": "t0ken"}


WRITER = """
import sys
from pathlib import Path
from modtui.config import write_private
from modtui.credentials import Vault, Wanted
from modtui.credentials.vault import Cost
from modtui.domain.secret import Secret
vault = Vault(Path(sys.argv[1]), write_private, Cost(64, 1))
vault.unlock(Secret("correct horse"))
for number in range(8):
    name = f"{sys.argv[2]}-{number}"
    vault.keep(Wanted(name, "https://x:443", ("token",)), {"token": Secret(name)})
"""


def test_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    kept = vault(tmp_path)
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, kept.path, name]) for name in ("a", "b")
    ]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    names = [f"{name}-{number}" for name in ("a", "b") for number in range(8)]
    found = {name: read(kept, Wanted(name, "https://x:443", ("token",))) for name in names}
    assert found == {name: {"token": name} for name in names}


def test_without_its_package_it_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert no_vault() == ""
    monkeypatch.setattr("modtui.credentials.vault.find_spec", lambda name: None)
    assert 'pip install "modtui[vault]"' in no_vault()
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.kdf.argon2", None)
    with pytest.raises(VaultFailed, match=r'pip install "modtui\[vault\]"'):
        vault(tmp_path)


def test_a_folder_that_cannot_be_locked_is_not_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(handle: int, how: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    kept, lock = vault(tmp_path), tmp_path / "vault" / "lock"
    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(VaultFailed, match=rf"^nothing was saved: {lock}: No locks available$"):
        kept.keep(FORUM, {"token": Secret("tok-canary")})
