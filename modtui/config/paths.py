"""Where modtui keeps its things, private to the person who runs it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from modtui.domain.digest import sha256
from modtui.domain.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Paths:
    """The folders of configuration, state (the store) and cache; the name of the queue's file."""

    config: Path
    state: Path
    cache: Path
    queue: str = "modtui.db"

    @property
    def config_file(self) -> Path:
        """The user's own file, which is never rewritten."""
        return self.config / "config.toml"

    @property
    def config_more(self) -> Path:
        """The folder of files that modtui writes, read after the user's own."""
        return self.config / "config.d"

    @property
    def keymap_file(self) -> Path:
        """The user's keys, where the configuration names no other file."""
        return self.config / "keymap.toml"

    @property
    def themes(self) -> Path:
        """The folder of the user's own themes."""
        return self.config / "themes"

    @property
    def store(self) -> Path:
        return self.state / self.queue

    @property
    def vault(self) -> Path:
        """The file of secrets that a passphrase opens, in a folder of its own."""
        return self.state / "vault" / "vault.json"

    @property
    def origins(self) -> Path:
        """The file that says where secrets from commands may go."""
        return self.state / "origins.json"

    @property
    def fingerprint(self) -> str:
        """Eight characters that tell one configuration folder from another."""
        return sha256(str(self.config.resolve()).encode())[:8]


def find_paths(environ: Mapping[str, str]) -> Paths:
    """Return the folders of this machine; `MODTUI_HOME` puts all of them under one."""
    home = environ.get("MODTUI_HOME")
    if home:
        base = Path(home).expanduser().absolute()
        return Paths(base, base / "state", base / "cache")
    import platformdirs

    return Paths(
        platformdirs.user_config_path("modtui"),
        platformdirs.user_state_path("modtui"),
        platformdirs.user_cache_path("modtui"),
    )
