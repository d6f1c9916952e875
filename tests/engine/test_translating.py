"""Translation by a command: what it gets, what is taken from it, and every way it can fail."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from modtui.engine import Refused
from modtui.engine.translating import MOST_BYTES, Translator
from tests.engine.rig import until

SHOUT = "import sys; print(sys.argv[1:], sys.stdin.read().upper())"


def by(code: str, *words: str, deadline: float = 20) -> Translator:
    return Translator([sys.executable, "-c", code, *words], {"PATH": os.defpath}, deadline)


async def test_the_text_goes_in_and_the_languages_are_filled_in() -> None:
    words = await by(SHOUT, "{from}:{to}").translate("გამარჯობა, hi", "ka", "en")
    assert str(words) == f"['ka:en'] {'გამარჯობა, hi'.upper()}"
    assert "auto:en" in str(await by(SHOUT, "{from}:{to}").translate("x", None, "en"))


async def test_what_it_says_cannot_steer_the_terminal() -> None:
    words = await by("print('a\\x1b]52;c;AAAA\\x07b\\u202ec')").translate("x", "ka", "en")
    assert not any(ord(letter) < 32 or letter == "\u202e" for letter in str(words))


async def test_it_gets_the_environment_that_it_is_given_and_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MODTUI_FORUM_TOKEN", "canary")
    words = await by("import os; print(sorted(os.environ))").translate("x", "ka", "en")
    assert "TOKEN" not in str(words)


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("import sys; sys.exit(3)", "ended with 3"),
        ("import sys; sys.stdin.read()", "said nothing"),
        ("print('  ')", "said nothing"),
    ],
)
async def test_a_program_that_fails_is_named(code: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        await by(code).translate("x", "ka", "en")


async def test_a_program_that_is_not_there() -> None:
    with pytest.raises(Refused, match="trans-none: No such file"):
        await Translator(["trans-none"], {}).translate("x", "ka", "en")


@pytest.mark.parametrize("ends", ["child.wait()", "print('hi')"])
async def test_a_program_that_does_not_end_is_killed_with_all_it_started(
    tmp_path: Path, ends: str
) -> None:
    born = tmp_path / "pid"
    code = (
        "import pathlib, subprocess, sys\n"
        "child = subprocess.Popen(['sleep', '600'])\n"
        f"pathlib.Path({str(born)!r}).write_text(str(child.pid))\n"
        f"{ends}\n"
    )
    with pytest.raises(Refused, match="no answer in 2 s"):
        await by(code, deadline=2).translate("x", "ka", "en")
    state = Path(f"/proc/{born.read_text()}/stat")

    def gone() -> bool:
        try:
            return state.read_text().rpartition(")")[2].split()[0] == "Z"
        except (FileNotFoundError, ProcessLookupError):
            return True

    await until(gone)


async def test_a_flood_is_refused_and_its_program_killed(tmp_path: Path) -> None:
    born = tmp_path / "pid"
    code = (
        f"import os, pathlib\npathlib.Path({str(born)!r}).write_text(str(os.getpid()))\n"
        "while True: os.write(1, b'a' * 65536)\n"
    )
    with pytest.raises(Refused, match="more than 1 MB, and was ended"):
        await by(code).translate("x", "ka", "en")
    assert not Path(f"/proc/{born.read_text()}").exists()


async def test_a_long_text_is_taken_and_a_program_that_does_not_read_is_none() -> None:
    words = await by(f"print('a' * {MOST_BYTES - 1})").translate("x" * 3_000_000, "ka", "en")
    assert str(words).startswith("aaaa")
