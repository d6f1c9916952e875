"""The first run against a server, ours and on the loopback, whose every word is hostile."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.pty.community import environment
from tests.pty.terminal import Terminal
from tests.security.poison import EVERYTHING
from tests.security.wire import heard

PATIENCE = 30.0
SETTLE = 0.6
SAID = {
    "/_matrix/client/versions": {"versions": ["v1.11", EVERYTHING]},
    "/_matrix/federation/v1/version": {
        "server": {"name": f"Synapse [@click=app.quit]{EVERYTHING}", "version": EVERYTHING}
    },
    "/_matrix/client/v3/account/whoami": {"user_id": f"@{EVERYTHING}:ours.test"},
}


@contextmanager
def hostile_server() -> Iterator[str]:
    """Yield the address of a server that is what it says, and says it in the worst way."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            said = SAID.get(self.path.partition("?")[0])
            body = json.dumps(said or {"errcode": EVERYTHING, "error": f"no: {EVERYTHING}"})
            self.send_response(200 if said else 403, "\x1b]0;pwned\x07")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize("option", ["", "--no-diff"])
def test_a_first_run_shows_what_a_server_says_and_obeys_nothing(
    tmp_path: Path, option: str
) -> None:
    argv = [sys.executable, "-m", "modtui", *filter(None, (option,))]
    env = environment(tmp_path, TZ="Europe/Warsaw", USER="mod-a")
    with hostile_server() as address, Terminal(argv, env, (80, 24)) as terminal:
        for shown, keys in (
            ("2  connect a community", ("2",)),
            ("matrix: Matrix with Synapse", ("1",)),
            ("Address of matrix", (address, "enter")),
            ("is it this one?", ("enter",)),
            ("Name of this account", ("enter",)),
            ("Settings of matrix", ("1",)),
            ("The token of", ("a-token", "enter")),
            ("Where to keep it", ("m",)),
        ):
            terminal.wait(shown, PATIENCE)
            for key in keys:
                terminal.settle(SETTLE)
                terminal.send(key)
        terminal.settle(SETTLE)
        terminal.wait(lambda text: "\ufffd" in text, PATIENCE)
        terminal.send("ctrl+q")
        assert terminal.ended() == 0
        terminal.settle(0.1)
        found = heard(bytes(terminal.written))
    assert found.wrong == []
    assert found.sequences["\a"] == 0
