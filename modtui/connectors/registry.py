"""Which kinds of connector there are. A kind's code is imported only when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec

from modtui.connectors import Approve, Factory, Kind, Look, Schema


class Kinds(Mapping[str, Kind]):
    """Name to kind. Looking one up imports its package (its schema), never its HTTP client.

    A kind of ours is a package `modtui.connectors.NAME` with `SCHEMA`, and a module `connector`
    in it with `create(env)`; one that can tell what is at an address has a module `look` with
    `look(env)`, and one with a secret to approve in a browser a module `approval` with
    `begin(url, fresh)`.

    Kinds of other packages (see `plugins`) come after ours, and never in place of one. Looking up
    such a kind raises Unusable where its package is broken; installed packages are searched only
    for a name that is not ours, and to list all names.
    """

    def __init__(self, *names: str) -> None:
        self._names = names

    def __getitem__(self, name: str) -> Kind:
        return _ours(name) if name in self._names else _found(name)

    def __contains__(self, name: object) -> bool:
        return name in self._names or name in _others()

    def __iter__(self) -> Iterator[str]:
        yield from self._names
        yield from (name for name in _others() if name not in self._names)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _others() -> tuple[str, ...]:
    from modtui.connectors.plugins import names

    return names()


def _found(name: str) -> Kind:
    from modtui.connectors.plugins import find

    return find(name)


def _ours(name: str) -> Kind:
    package = f"{__package__}.{name}"
    schema: Schema = import_module(package).SCHEMA

    def load() -> Factory:
        factory: Factory = import_module(f"{package}.connector").create
        return factory

    def look() -> Look:
        found: Look = import_module(f"{package}.look").look
        return found

    def approve() -> Approve:
        begin: Approve = import_module(f"{package}.approval").begin
        return begin

    return Kind(
        schema,
        load,
        look if find_spec(f"{package}.look") else None,
        approve if find_spec(f"{package}.approval") else None,
    )


OURS = (
    "demo",
    "matrix",
    "discourse",
    "discord",
    "mastodon",
    "github",
    "ozone",
    "reddit",
    "twitch",
    "webhook",
    "smtp",
)
KINDS: Mapping[str, Kind] = Kinds(*OURS)
