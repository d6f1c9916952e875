import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.shell import Shell


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    """A shell with nothing configured."""
    yield Shell(tmp_path / "home", monkeypatch)
    gc.enable()


@pytest.fixture
def desk(shell: Shell) -> Shell:
    """A shell with a pretend forum and a pretend social site, read to the end."""
    shell.config(
        '[moderator]\nname = "mod-a"\ntimezone = "Europe/Warsaw"\n'
        '[[rule]]\nid = "spam"\nen = "Rule 1: no spam"\n'
        '[[team]]\nname = "care"\nresponsible = ["mod-d"]\naccountable = "lead"\n'
        'reach = { account = "harbour", channel = "staff" }\n'
        '[[team]]\nname = "nobody"\n'
        '[[account]]\nname = "harbour"\nconnector = "demo"\nprofile = "forum"\nthreads = 8\n'
        "rate = 0\n"
        '[[account]]\nname = "square"\nconnector = "demo"\nprofile = "social"\nthreads = 4\n'
        "rate = 0\n"
    )
    done = shell("sync", "--once")
    assert (done.code, done.err) == (0, "")
    return shell
