"""Which kinds of connector there are. A kind's code is imported only when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec

from modtui.connectors import Approve, Factory, Kind, Look, Schema


class _Kinds(Mapping[str, Kind]):
    """Name to kind. Looking one up imports its package (its schema), never its HTTP client.

    A kind is a package `modtui.connectors.NAME` with `SCHEMA`, and a module `connector` in it
    with `create(env)`; one that can tell what is at an address has a module `look` with
    `look(env)`, and one with a secret to approve in a browser a module `approval` with
    `begin(url, fresh)`.
    """

    def __init__(self, *names: str) -> None:
        self._names = names

    def __getitem__(self, name: str) -> Kind:
        if name not in self._names:
            raise KeyError(name)
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

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


KINDS: Mapping[str, Kind] = _Kinds(
    "demo",
    "matrix",
    "discourse",
    "discord",
    "mastodon",
    "github",
    "ozone",
    "reddit",
    "webhook",
    "smtp",
)
