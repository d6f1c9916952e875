"""Kinds of connector that other packages bring, by the entry point group `modtui.connectors`.

The name of an entry point is the name of the kind, its object a `Kind`. What is installed is
trusted as Python trusts it; a package is imported when an account names its kind, or when `init`
lists the kinds with what they connect to.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import EntryPoint, entry_points
from typing import TypeVar

from modtui.connectors import SETTING_KINDS, Kind, Schema, Unusable
from modtui.domain.text import clean_line

GROUP = "modtui.connectors"
T = TypeVar("T")


def names() -> tuple[str, ...]:
    """Return the names of the kinds that are installed, in order. Imports none of them."""
    return tuple(sorted(entry_points(group=GROUP).names))


def find(name: str) -> Kind:
    """Return the kind of that name. Raises KeyError where there is none, Unusable where the
    package that brings it is broken, or where two bring one."""
    found = tuple({(each.value, _package(each)): each for each in _named(name)}.values())
    if not found:
        raise KeyError(name)
    if len(found) > 1:
        packages = " and ".join(sorted(_package(each) for each in found))
        raise Unusable(f'connector "{name}" is in {packages}: uninstall one of them')
    (point,) = found
    kind = _trying(point, point.load)
    if flaw := _flaw(name, kind):
        raise _unusable(point, flaw)
    assert isinstance(kind, Kind)
    look, approve = kind.look, kind.approve
    return replace(
        kind,
        load=lambda: _trying(point, kind.load),
        look=None if look is None else lambda: _trying(point, look),
        approve=None if approve is None else lambda: _trying(point, approve),
    )


def _named(name: str) -> tuple[EntryPoint, ...]:
    return tuple(entry_points(group=GROUP, name=name))


def _package(point: EntryPoint) -> str:
    return "a package" if point.dist is None else f"{point.dist.name} {point.dist.version}"


def _trying(point: EntryPoint, load: Callable[[], T]) -> T:
    """Return what `load` gives; whatever the package raises while it is imported is one line."""
    try:
        return load()
    except Exception as error:
        words = f"{type(error).__name__}: {error}".rstrip(": ")
        raise _unusable(point, words) from error


def _flaw(name: str, kind: object) -> str:
    """Return what is wrong with what an entry point names, or ""."""
    if not isinstance(kind, Kind):
        return f"its entry point is no Kind but a {type(kind).__name__}"
    schema: object = kind.schema
    if not isinstance(schema, Schema):
        return f"its schema is no Schema but a {type(schema).__name__}"
    if schema.connector != name:
        return f'its schema is called "{schema.connector}"'
    odd = [each.name for each in schema.settings if each.kind not in SETTING_KINDS]
    if odd:
        return f"the kind of its setting {odd[0]} is none of {', '.join(SETTING_KINDS)}"
    declared = [each.name for each in schema.settings]
    declared += [each.name for each in schema.secrets]
    twice = [each for each in declared if declared.count(each) > 1]
    if twice:
        return f"it declares {twice[0]} twice"
    said = [one.name for need in schema.needs for way in (need.where, *need.ways) for one in way]
    strange = [each for each in said if each not in declared]
    return f"it needs {strange[0]}, which it does not declare" if strange else ""


def _unusable(point: EntryPoint, why: str) -> Unusable:
    told = clean_line(why, limit=200)
    return Unusable(f'connector "{point.name}" of {_package(point)} cannot be used: {told}')
