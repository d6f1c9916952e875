"""What is installed holds everything the program reads: themes, replies, migrations, styles."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from modtui.themes import themes_dir

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> frozenset[str]:
    """The names inside a wheel built from this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=120,
    )
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        return frozenset(archive.namelist())


def data_files() -> list[str]:
    """Every file of the package that is not Python, as the wheel should name it."""
    folder = ROOT / "modtui"
    return [
        str(path.relative_to(ROOT))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix not in {".py", ".pyc"}
    ]


def test_the_wheel_holds_the_data(wheel: frozenset[str]) -> None:
    assert {"modtui/themes/night.toml", "modtui/py.typed"} <= wheel
    assert not set(data_files()) - wheel


def test_the_wheel_holds_no_tests(wheel: frozenset[str]) -> None:
    assert not [name for name in wheel if name.startswith("tests/")]


def test_a_checkout_finds_its_themes() -> None:
    assert themes_dir() == ROOT / "themes"
