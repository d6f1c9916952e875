"""A secret that does not show itself."""

from __future__ import annotations

from typing import NoReturn


class Secret:
    """Holds a credential; repr, str and format are masked, pickling is refused."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the credential. Call it where the request is made and nowhere else."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(****)"

    __str__ = __repr__

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not pickled")
