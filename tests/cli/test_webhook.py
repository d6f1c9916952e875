"""Accounts that can only tell a team, from the command line."""

from __future__ import annotations

import pytest

from tests.cli.shell import Shell
from tests.cli.standin import Ring

CONFIG = """[[account]]
name = "ops"
connector = "webhook"
url = "{url}"
"""


@pytest.fixture
def ops(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A shell with a webhook, and a keyring that is empty."""
    monkeypatch.setattr("modtui.credentials.ring.Child", Ring.empty())
    shell.config(CONFIG.format(url="https://hooks.ours.test"))
    return shell


def test_a_webhook_posts_under_no_name(ops: Shell) -> None:
    done = ops("doctor")
    said = "ops tells a team at https://hooks.ours.test, under no name (notify only)."
    assert f"ok    account ops: {said} Can: tell a team.\n" in done.out
