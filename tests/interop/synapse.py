"""A throw-away Synapse on loopback, with a small moderation scene.

The server is installed once into a virtual environment of its own: `.interop/synapse-venv`, or
the one that MODTUI_INTEROP_VENV names.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import itertools
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.interop.alone import alone

VERSION = "1.163.2"
SERVER_NAME = "modtui.test"
ROOT = Path(__file__).resolve().parents[2]
_NAMES = ("admin", "mod", "alice", "bob", "mallory")
_START_SECONDS = 90
_STOP_SECONDS = 10

_CONFIG = """\
server_name: "{name}"
public_baseurl: "http://127.0.0.1:{port}/"
report_stats: false
pid_file: "{folder}/twisted.pid"
signing_key_path: "{folder}/signing.key"
log_config: "{folder}/log.yaml"
media_store_path: "{folder}/media"
database:
  name: sqlite3
  args: {{database: "{folder}/homeserver.db"}}
listeners:
  - port: {port}
    type: http
    tls: false
    bind_addresses: ["127.0.0.1"]
    resources: [{{names: [client]}}]
registration_shared_secret: "{secret}"
macaroon_secret_key: "{secret}"
form_secret: "{secret}"
enable_registration: false
suppress_key_server_warning: true
trusted_key_servers: []
federation_domain_whitelist: []
url_preview_enabled: false
presence: {{enabled: false}}
caches: {{global_factor: 0.5}}
rc_message: {{per_second: 1000, burst_count: 1000}}
rc_registration: {{per_second: 1000, burst_count: 1000}}
rc_joins:
  local: {{per_second: 1000, burst_count: 1000}}
rc_invites:
  per_room: {{per_second: 1000, burst_count: 1000}}
  per_user: {{per_second: 1000, burst_count: 1000}}
  per_issuer: {{per_second: 1000, burst_count: 1000}}
rc_reports: {{per_second: 1000, burst_count: 1000}}
rc_login:
  address: {{per_second: 1000, burst_count: 1000}}
  account: {{per_second: 1000, burst_count: 1000}}
  failed_attempts: {{per_second: 1000, burst_count: 1000}}
rc_room_creation: {{per_second: 1000, burst_count: 1000}}
"""
_LOG = """\
version: 1
formatters: {{brief: {{format: "%(asctime)s %(levelname)s %(name)s - %(message)s"}}}}
handlers: {{file: {{class: logging.FileHandler, filename: "{folder}/homeserver.log", formatter: brief}}}}
root: {{level: WARNING, handlers: [file]}}
disable_existing_loggers: false
"""  # noqa: E501


class ServerError(Exception):
    """The server refused a call of the test itself."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body


@dataclass(frozen=True)
class User:
    user_id: str
    token: str


@dataclass(frozen=True)
class Scene:
    """A room with a thread and three reports on two events: an insult and spam."""

    room_id: str
    alias: str
    root: str
    reply: str
    insult: str
    spam: str
    report_ids: tuple[int, ...]


@dataclass
class Synapse:
    """A running server. `url` is its address; `users` its five people."""

    url: str
    secret: str
    users: dict[str, User] = field(default_factory=dict)
    _count: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def call(self, method: str, path: str, who: str | None = None, body: Any = None) -> Any:
        """Call the server as `who`; return its JSON. Raises ServerError."""
        request = urllib.request.Request(self.url + path, method=method)
        if who:
            request.add_header("Authorization", "Bearer " + self.users[who].token)
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                raise ServerError(error.code, json.load(error)) from error

    def register(self, name: str, *, admin: bool = False) -> User:
        """Create a user, by the shared secret."""
        nonce = self.call("GET", "/_synapse/admin/v1/register")["nonce"]
        parts = [nonce, name, f"{name}-pw", "admin" if admin else "notadmin"]
        mac = hmac.new(self.secret.encode(), "\0".join(parts).encode(), hashlib.sha1)
        made = self.call(
            "POST",
            "/_synapse/admin/v1/register",
            body={
                "nonce": nonce,
                "username": name,
                "password": f"{name}-pw",
                "admin": admin,
                "mac": mac.hexdigest(),
            },
        )
        user = User(made["user_id"], made["access_token"])
        self.users[name] = user
        return user

    def send(self, who: str, room_id: str, content: dict[str, Any] | str) -> str:
        """Send a message; return its event id."""
        if isinstance(content, str):
            content = {"msgtype": "m.text", "body": content}
        path = f"{room(room_id)}/send/m.room.message/t{next(self._count)}"
        return str(self.call("PUT", path, who, content)["event_id"])

    def report(self, who: str, room_id: str, event_id: str, reason: str) -> None:
        """Report an event."""
        self.call("POST", f"{room(room_id)}/report/{quoted(event_id)}", who, {"reason": reason})

    def reports(self) -> list[dict[str, Any]]:
        """Return every open report, oldest first."""
        path = "/_synapse/admin/v1/event_reports?dir=f&limit=1000"
        return list(self.call("GET", path, "admin")["event_reports"])

    def event(self, room_id: str, event_id: str) -> dict[str, Any]:
        """Return an event as the admin sees it."""
        return dict(self.call("GET", f"{room(room_id)}/event/{quoted(event_id)}", "admin"))

    def messages(self, room_id: str, who: str = "admin") -> list[dict[str, Any]]:
        """Return the latest events of a room, newest first."""
        return list(self.call("GET", f"{room(room_id)}/messages?dir=b&limit=100", who)["chunk"])

    def history(self, room_id: str, who: str = "admin") -> list[dict[str, Any]]:
        """Return every event of a room, oldest first."""
        found: list[dict[str, Any]] = []
        path = f"{room(room_id)}/messages?dir=f&limit=500"
        page = self.call("GET", path, who)
        while page["chunk"]:
            found += page["chunk"]
            if "end" not in page:
                break
            page = self.call("GET", f"{path}&from={quoted(page['end'])}", who)
        return found

    def member(self, room_id: str, user_id: str) -> str:
        """Return the membership of a person in a room."""
        path = f"{room(room_id)}/state/m.room.member/{quoted(user_id)}"
        return str(self.call("GET", path, "admin")["membership"])

    def reported(self, room_id: str) -> list[str]:
        """Return the event of each open report of a room, oldest first."""
        return [r["event_id"] for r in self.reports() if r["room_id"] == room_id]

    def new_room(self) -> str:
        """Create an empty public room of the admin; return its id."""
        wish = {"preset": "public_chat"}
        made = self.call("POST", "/_matrix/client/v3/createRoom", "admin", wish)
        return str(made["room_id"])

    def power(self, room_id: str) -> dict[str, Any]:
        """Return the power levels of a room."""
        return dict(self.call("GET", f"{room(room_id)}/state/m.room.power_levels", "admin"))

    def scene(self) -> Scene:
        """Seed a new room with a thread and three reports on two events."""
        name = f"room{next(self._count)}"
        levels = {"users": {self.users["mod"].user_id: 50}}
        wish = {
            "name": name.title(),
            "preset": "public_chat",
            "room_alias_name": name,
            # The creator is above all levels since room version 12 and must not be named.
            "power_level_content_override": levels,
        }
        room_id = self.call("POST", "/_matrix/client/v3/createRoom", "admin", wish)["room_id"]
        for who in _NAMES[1:]:
            self.call("POST", f"/_matrix/client/v3/join/{quoted(room_id)}", who, {})
        root = self.send("alice", room_id, "How do I reset my router?")
        reply = self.send("bob", room_id, threaded("Hold the button for ten seconds.", root))
        insult = self.send("mallory", room_id, threaded("only an idiot asks that", root))
        spam = self.send("mallory", room_id, "CHEAP WATCHES http://spam.example.invalid")
        self.report("alice", room_id, insult, "insulting me")
        self.report("bob", room_id, insult, "harassment")
        self.report("bob", room_id, spam, "spam link")
        ids = tuple(r["id"] for r in self.reports() if r["room_id"] == room_id)
        return Scene(room_id, f"#{name}:{SERVER_NAME}", root, reply, insult, spam, ids)


def quoted(text: str) -> str:
    """Return `text` as one segment of a path."""
    return quote(text, safe="")


def room(room_id: str) -> str:
    """Return the path of a room in the client API."""
    return f"/_matrix/client/v3/rooms/{quoted(room_id)}"


def threaded(text: str, root: str) -> dict[str, Any]:
    """Return a message in the thread of `root`."""
    relation = {
        "rel_type": "m.thread",
        "event_id": root,
        "is_falling_back": True,
        "m.in_reply_to": {"event_id": root},
    }
    return {"msgtype": "m.text", "body": text, "m.relates_to": relation}


def python() -> Path:
    """Return the interpreter that has Synapse, installing it the first time."""
    chosen = os.environ.get("MODTUI_INTEROP_VENV")
    venv = Path(chosen) if chosen else ROOT / ".interop" / "synapse-venv"
    found = venv / "bin" / "python"
    with alone(venv):
        if not (found.exists() and _runs(found, "import synapse.app.homeserver")):
            subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True, timeout=120)
            argv = [str(found), "-m", "pip", "install", "-q", f"matrix-synapse=={VERSION}"]
            subprocess.run(argv, check=True, timeout=900)
    return found


def _runs(interpreter: Path, program: str) -> bool:
    done = subprocess.run([str(interpreter), "-c", program], capture_output=True, timeout=60)
    return done.returncode == 0


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Synapse]:
    """Start a server in `folder`, seed its users, and stop it and all it started at the end."""
    interpreter = python()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    secret = secrets.token_hex(24)
    (folder / "media").mkdir(parents=True)
    config = folder / "homeserver.yaml"
    config.write_text(_CONFIG.format(name=SERVER_NAME, port=port, folder=folder, secret=secret))
    (folder / "log.yaml").write_text(_LOG.format(folder=folder))
    program = [str(interpreter), "-m", "synapse.app.homeserver", "-c", str(config)]
    subprocess.run([*program, "--generate-keys"], check=True, capture_output=True, timeout=60)
    with (folder / "stdout.log").open("wb") as out:
        process = subprocess.Popen(
            program,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        server = Synapse(f"http://127.0.0.1:{port}", secret)
        _wait_ready(server, process, folder)
        for name in _NAMES:
            server.register(name, admin=name == "admin")
        yield server
    finally:
        _stop(process)


def _wait_ready(server: Synapse, process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError((folder / "stdout.log").read_text()[-2000:])
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{server.url}/health", timeout=2).close()
            return
        time.sleep(0.1)
    raise TimeoutError(f"Synapse was not ready within {_START_SECONDS} s")


def _stop(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(_STOP_SECONDS)
