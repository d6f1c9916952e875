"""Runs a program beside a password prompt that is shown somewhere and never answered."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from jeepney import HeaderFields, new_method_return
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import open_dbus_connection

NAME = "org.gnome.keyring.SystemPrompter"


def main(argv: list[str]) -> int:
    """Own the prompter's name, accept every prompt, answer none; return how `argv` ended.

    `$XDG_RUNTIME_DIR/prompting` is there as soon as somebody waits for an answer.
    """
    connection = open_dbus_connection(bus="SESSION")
    (got,) = connection.send_and_get_reply(message_bus.RequestName(NAME)).body
    assert got == 1, "somebody else prompts on this bus"
    prompting = Path(os.environ["XDG_RUNTIME_DIR"]) / "prompting"
    prompting.unlink(missing_ok=True)
    process = subprocess.Popen(argv)
    while process.poll() is None:
        try:
            message = connection.receive(timeout=0.1)
        except TimeoutError:
            continue
        if message.header.fields.get(HeaderFields.member) == "BeginPrompting":
            connection.send(new_method_return(message))
            prompting.touch()
    return process.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
