"""How far a token reaches: what GitHub tells of it, and what it tells by refusing."""

from __future__ import annotations

from collections.abc import Iterable

from modtui.connectors.github.api import Api
from modtui.connectors.github.limiting import as_kind, repo_path
from modtui.connectors.github.offers import Access
from modtui.connectors.http import RejectedByServer


async def readable(
    api: Api, repositories: Iterable[str]
) -> tuple[tuple[Access, ...], tuple[str, ...]]:
    """Return the repositories that can be read, and in words those that cannot."""
    found: list[Access] = []
    unread: list[str] = []
    for repository in repositories:
        try:
            body = (await api.get(repo_path(repository))).body
        except RejectedByServer as error:
            if error.status not in (403, 404, 451):
                raise
            unread.append(f"read {repository}: it is not there, or the token may not read it")
            continue
        found.append(as_kind(body, Access, "repository"))
    return tuple(found), tuple(unread)


async def untold(api: Api, access: Iterable[Access]) -> tuple[str, ...]:
    """Return in words what a fine-grained token may not."""
    lacks: list[str] = []
    for place in access:
        probes = [("issues?per_page=1", "Issues")]
        if place.permissions.get("admin"):
            probes.append(("interaction-limits", "Administration"))
        for path, permission in probes:
            try:
                await api.get(f"{repo_path(place.full_name)}/{path}")
            except RejectedByServer as error:
                if error.status not in (403, 404):
                    raise
                lacks.append(f"{place.full_name}: the token lacks the permission {permission}")
    return tuple(lacks)
