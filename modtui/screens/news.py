"""What accounts have to say once."""

from __future__ import annotations

from collections.abc import Iterable

from modtui.domain.views import AccountStatus


class News:
    """Remembers what was said of each account."""

    def __init__(self) -> None:
        self._said: set[tuple[str, str]] = set()

    def fresh(self, accounts: Iterable[AccountStatus]) -> str:
        """Return in one line what was not said yet, "" for nothing."""
        told = [(each.name, each.news) for each in accounts if each.news]
        new = [each for each in told if each not in self._said]
        self._said.update(new)
        return " · ".join(f"{name}: {news}" for name, news in new)
