"""Steps on the configured credentials, each told as one JSON document a line."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from modtui.cli.compose import Setup, set_up
from modtui.config import write_private
from modtui.credentials import CHILD, Child, Credentials, CredentialsError, Vault
from modtui.domain.secret import Secret


def probe(setup: Setup) -> dict[str, Any]:
    started = time.monotonic()
    health = setup.credentials.probe()
    took = time.monotonic() - started
    return {"state": health.state.value, "line": health.line, "seconds": took, "left": children()}


def keep(setup: Setup) -> dict[str, Any]:
    wanted = setup.accounts[0].wanted
    try:
        return {"where": setup.credentials.keep(wanted, {"token": Secret(sys.stdin.readline())})}
    except CredentialsError as error:
        return {"error": str(error)}


def read(setup: Setup) -> dict[str, Any]:
    found = setup.credentials.read(account.wanted for account in setup.accounts)
    return {
        name: str(each) if isinstance(each, CredentialsError) else each["token"].reveal()
        for name, each in found.items()
    }


def forget(setup: Setup) -> dict[str, Any]:
    return {"gone": setup.credentials.forget(setup.accounts[0].wanted)}


def kill(setup: Setup) -> dict[str, Any]:
    """Probe, and kill the process that asks."""
    threading.Thread(target=_killing, daemon=True).start()
    return probe(setup)


def _killing() -> None:
    # The child must have begun to wait for the prompt, or there is nothing to kill it in.
    prompting = Path(os.environ["XDG_RUNTIME_DIR"]) / "prompting"
    while not (prompting.exists() and (found := children())):
        time.sleep(0.01)
    os.kill(found[0], signal.SIGKILL)


def children() -> list[int]:
    """Return the processes that this one started and that still run."""
    listed = Path("/proc/self/task").glob("*/children")
    return [int(each) for path in listed for each in path.read_text().split()]


def main(names: list[str]) -> None:
    """Do the steps `names`; CHILD_PYTHON names the interpreter that asks the keyring."""
    setup = set_up()
    if chosen := os.environ.get("CHILD_PYTHON"):
        child = Child((chosen, "-I", "-c", CHILD))
        vault = Vault(setup.paths.vault, write_private)
        own = Credentials(setup.paths.fingerprint, {}, lambda: child, lambda: vault)
        setup = replace(setup, credentials=own)
    steps: dict[str, Callable[[Setup], dict[str, Any]]] = {
        "probe": probe, "keep": keep, "read": read, "forget": forget, "kill": kill,
    }  # fmt: skip
    for name in names:
        print(json.dumps(steps[name](setup)))


if __name__ == "__main__":
    main(sys.argv[1:])
