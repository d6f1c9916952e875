"""`ca_file`: of one account or of all, checked where it is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from modtui.cli.schema import check_accounts
from modtui.connectors.registry import KINDS
from tests.config.desk import problems, read
from tests.connectors.farend import made

ACCOUNT = '[[account]]\nname = "chat"\nconnector = "matrix"\nurl = "https://ours.test"\n'
OTHER = ACCOUNT.replace("chat", "ops").replace("matrix", "webhook")
MAIL = '[[account]]\nname = "mail"\nconnector = "smtp"\nhost = "x"\nfrom = "a@x.test"\n'


@pytest.fixture
def pem(tmp_path: Path) -> Path:
    return made("authority.test", ca=True).pem(tmp_path / "own.pem")


def test_one_for_all_and_one_of_an_account(tmp_path: Path, pem: Path) -> None:
    other = made("b.test", ca=True).pem(tmp_path / "other.pem")
    config = read(tmp_path, f'ca_file = "own.pem"\n{ACCOUNT}{OTHER}ca_file = "{other}"\n{MAIL}')
    trusted = {a.name: a.settings["ca_file"] for a in check_accounts(config.accounts, KINDS)}
    assert trusted == {"chat": str(pem), "ops": str(other), "mail": str(pem)}


def test_without_one_everybody_known_is_trusted(tmp_path: Path) -> None:
    config = read(tmp_path, ACCOUNT)
    assert check_accounts(config.accounts, KINDS)[0].settings["ca_file"] is None


def test_it_stands_beside_the_file_that_names_it(tmp_path: Path, pem: Path) -> None:
    config = read(tmp_path, "", chat=f'{ACCOUNT}ca_file = "../own.pem"\n')
    (account,) = check_accounts(config.accounts, KINDS)
    assert Path(account.settings["ca_file"]).samefile(pem)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"", "is not PEM: it holds no line -----BEGIN CERTIFICATE-----"),
        (b"\x30\x82\x01\x0a", "is not PEM: it holds no line"),
        (b"-----BEGIN CERTIFICATE-----\n????\n-----END CERTIFICATE-----\n", "is damaged"),
    ],
)
@pytest.mark.parametrize(("text", "line"), [("", 1), (ACCOUNT, 5)])
def test_a_file_that_cannot_be_used_is_named_with_its_line(
    tmp_path: Path, content: bytes | None, words: str, text: str, line: int
) -> None:
    if content is not None:
        (tmp_path / "ca.pem").write_bytes(content)
    (problem,) = problems(tmp_path, f'{text}ca_file = "ca.pem"\n')
    key = "account.ca_file" if text else "ca_file"
    assert problem.startswith(f"config.toml:{line}: {key}: ca.pem ")
    assert words in problem


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, 'ca_file = "."\n')
    assert problem.startswith("config.toml:1: ca_file: ")
    assert problem.endswith(" cannot be read: Is a directory")
