"""Which kinds of connector there are. A kind's code is imported only when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from modtui.connectors import Factory, Kind, Schema


class _Kinds(Mapping[str, Kind]):
    """Name to kind. Looking one up imports its package (its schema), never its HTTP client.

    A kind is a package `modtui.connectors.NAME` with `SCHEMA`, and a module `connector` in it
    with `create(env)`.
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

        return Kind(schema, load)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


KINDS: Mapping[str, Kind] = _Kinds("demo", "matrix", "webhook", "smtp")
