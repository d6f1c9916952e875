"""Which origin an account's secrets belong to, where what keeps them cannot say it itself.

Bound at the login or, without one, at the first use. No secret is in it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from modtui.credentials.wanted import CredentialsError, Wanted
from modtui.private import lock_file, private_folder


class Origins:
    """The origins in the file `path`; `write` puts a file in place whole or not at all, 0600."""

    def __init__(self, path: Path, write: Callable[[Path, bytes], None]) -> None:
        self._path = path
        self._write = write

    def of(self, account: str) -> str:
        """Return the origin that the account is bound to, "" for none. Raises CredentialsError."""
        return self._load().get(account, "")

    def bind(self, wanted: Wanted) -> None:
        """Bind the account to its present origin. Raises CredentialsError."""
        if self.of(wanted.account) == wanted.origin:
            return
        with self._alone():
            packed = json.dumps({**self._load(), wanted.account: wanted.origin}, indent=1).encode()
            try:
                self._write(self._path, packed)
            except OSError as error:
                raise self._unwritable(error) from None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let no other thread or process bind an account meanwhile. Raises CredentialsError."""
        try:
            private_folder(self._path.parent)
            handle = lock_file(self._path.with_name(f"{self._path.name}.lock"))
        except OSError as error:
            raise self._unwritable(error) from None
        try:
            yield
        finally:
            os.close(handle)

    def _unwritable(self, error: OSError) -> CredentialsError:
        return CredentialsError(f"{self._path} cannot be written: {error.strerror}")

    def _load(self) -> dict[str, str]:
        try:
            raw = json.loads(self._path.read_bytes())
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise CredentialsError(f"{self._path} cannot be read: {error.strerror}") from None
        except (ValueError, RecursionError):
            raw = None
        if not isinstance(raw, dict) or not all(isinstance(each, str) for each in raw.values()):
            raise CredentialsError(
                f"{self._path} is damaged: delete it, then log in again with modtui login"
            )
        return raw
