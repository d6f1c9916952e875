"""A real gnome-keyring on a session bus of its own, in a home of its own.

The programs come with the packages dbus and gnome-keyring, which are installed where root may; a
machine that has none fails the tests and does not skip them.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tests.interop.alone import alone
from tests.interop.synapse import ROOT

PACKAGES = ("dbus", "gnome-keyring")
_PROGRAMS = ("dbus-run-session", "gnome-keyring-daemon")
_HIDDEN = ("DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "PYTHON_KEYRING_BACKEND")
_UNLOCKED = 'printf test | gnome-keyring-daemon --unlock --components=secrets >/dev/null; exec "$@"'
_LOCKED = 'gnome-keyring-daemon --start --components=secrets >/dev/null; exec "$@"'

How = Literal["unlocked", "locked", "silent", "no bus"]


@dataclass(frozen=True, slots=True)
class Ran:
    """How a program ended."""

    code: int
    out: str
    err: str

    @property
    def told(self) -> list[str]:
        """What modtui itself said on stderr: bus and daemon of the session write there too."""
        return [line for line in self.err.splitlines() if line.startswith("modtui: ")]

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Seat:
    """One person's home, and modtui's in it. Each run is a new session: a new bus, a new daemon."""

    home: Path

    @property
    def modtui_home(self) -> Path:
        return self.home / "modtui"

    @property
    def keyrings(self) -> Path:
        return self.home / "data" / "keyrings"

    def config(self, text: str) -> None:
        self.modtui_home.mkdir(mode=0o700, exist_ok=True)
        (self.modtui_home / "config.toml").write_text(text, encoding="utf-8")

    def modtui(self, *args: str, how: How = "unlocked", stdin: str = "", **more: str) -> Ran:
        """Run a command line of modtui. `silent`: there is a prompter that never answers."""
        return self.run(sys.executable, "-m", "modtui", *args, how=how, stdin=stdin, **more)

    def steps(self, *args: str, how: How = "unlocked", stdin: str = "", **more: str) -> Ran:
        """Run steps of `tests.interop.keyring_steps`."""
        command = (sys.executable, "-m", "tests.interop.keyring_steps", *args)
        return self.run(*command, how=how, stdin=stdin, **more)

    def run(self, *argv: str, how: How, stdin: str = "", **more: str) -> Ran:
        """Run a program in a session of its own, for at most a minute."""
        prompter = (sys.executable, "-m", "tests.interop.silent_prompter")
        command = {
            "unlocked": ("dbus-run-session", "--", "sh", "-c", _UNLOCKED, "sh", *argv),
            "locked": ("dbus-run-session", "--", "sh", "-c", _LOCKED, "sh", *argv),
            "silent": ("dbus-run-session", "--", *prompter, *argv),
            "no bus": argv,
        }[how]
        done = subprocess.run(
            command, input=stdin, cwd=ROOT, env={**self._environ(), **more}, timeout=60,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        return Ran(done.returncode, done.stdout, done.stderr)

    def _environ(self) -> dict[str, str]:
        runtime = self.home / "run"
        runtime.mkdir(mode=0o700, exist_ok=True)
        self.keyrings.mkdir(parents=True, exist_ok=True)
        kept = {k: v for k, v in os.environ.items() if k not in _HIDDEN and "MODTUI_" not in k}
        return {
            **kept,
            "HOME": str(self.home),
            "XDG_RUNTIME_DIR": str(runtime),
            "XDG_DATA_HOME": str(self.home / "data"),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "MODTUI_HOME": str(self.modtui_home),
            # A plain file cannot be a session bus: nothing is found by its usual place.
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={self.home}/no-bus",
        }


def install() -> None:
    """See to it that the programs are there. Raises RuntimeError where they cannot be had."""
    if all(shutil.which(program) for program in _PROGRAMS):
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise RuntimeError(f"a real keyring is needed: apt-get install {' '.join(PACKAGES)}")
    calm = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (("update", "-q"), ("install", "-q", "-y", "--no-install-recommends", *PACKAGES)):
        done = subprocess.run(
            ["apt-get", *words], env=calm, check=False, timeout=600, capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(
                f"a real keyring is needed, apt-get {words[0]}: {done.stderr[-500:]}"
            )


def plaintext_python() -> Path:
    """Return an interpreter with keyrings.alt, which puts PlaintextKeyring into the chain."""
    venv = ROOT / ".interop" / "keyring-venv"
    found = venv / "bin" / "python"
    program = "import keyring, keyrings.alt.file, secretstorage"
    with alone(venv):
        argv = [found, "-c", program]
        if found.exists():
            done = subprocess.run(argv, capture_output=True, timeout=60, check=False)
            if done.returncode == 0:
                return found
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True, timeout=120)
        wanted = ("keyring==25.7.0", "keyrings.alt==5.0.2")
        subprocess.run([found, "-m", "pip", "install", "-q", *wanted], check=True, timeout=600)
    return found
