"""doctor keyring: how the system keyring stands, and what does without it."""

from __future__ import annotations

from modtui.cli import plain, shapes
from modtui.cli.compose import Setup, set_up
from modtui.cli.exits import Exit
from modtui.cli.failure import failing
from modtui.credentials import Health, KeyringState, elsewhere


def keyring_report(as_json: bool) -> int:
    """Print how the keyring stands; return 3 where it does not work."""
    with failing():
        setup = set_up()
        health = setup.credentials.probe()
    if as_json:
        shapes.print_json(_document(setup, health))
    else:
        for line in _lines(setup, health):
            plain.say(line)
    return Exit.DONE if health.state is KeyringState.OK else Exit.CREDENTIALS


def _ways(setup: Setup) -> tuple[tuple[str, str], ...]:
    names = [account.name for account in setup.accounts if account.wanted.fields]
    return elsewhere(names[0] if len(names) == 1 else "NAME")


def _lines(setup: Setup, health: Health) -> list[str]:
    lines = [f"{health.state.value}: {health.what}"]
    if health.state is not KeyringState.OK:
        lines += [f"To mend it: {health.mend}"] if health.mend else []
        lines.append("Without it:")
        ways = _ways(setup)
        width = max(len(command) for command, _ in ways)
        lines += [f"  {command.ljust(width)}  {what}" for command, what in ways]
        lines.append("  MODTUI_<ACCOUNT>_<FIELD> in the environment, for scripts")
    for account in setup.accounts:
        if account.wanted.fields:
            given = setup.credentials.from_environment(account.wanted)
            tail = f"; {', '.join(given)} from the environment" if given else ""
            lines.append(f"{account.name}: {account.wanted.store}{tail}")
    return lines


def _document(setup: Setup, health: Health) -> shapes.Doc:
    ok = health.state is KeyringState.OK
    return {
        "state": health.state.value,
        "ok": ok,
        "backend": health.backend,
        "what": health.what,
        "mend": health.mend,
        "instead": [] if ok else [command for command, _ in _ways(setup)],
        "accounts": [
            {
                "name": account.name,
                "store": account.wanted.store,
                "from_environment": list(setup.credentials.from_environment(account.wanted)),
            }
            for account in setup.accounts
            if account.wanted.fields
        ],
    }
