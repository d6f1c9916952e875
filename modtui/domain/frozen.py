"""`dataclass(frozen=True, slots=True)` of the standard library, for a twentieth of the time.

The standard library compiles six methods for each class as it is defined. Here `__init__` is
compiled with the fourth value and the other methods are shared, which makes a start of the app,
with some two hundred classes, a third shorter. What comes out is a dataclass: `fields`, `replace`
and `match` take it. It is not to be copied or pickled.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import MISSING, Field, FrozenInstanceError, field, fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar, cast

T = TypeVar("T")

UNCOMPILED = 16
"""So many values of a class are made before its `__init__` is compiled, for which a class with few
values never waits."""

MANY = 10
"""A value of so many fields is open while it is filled: to set each past the refusal takes twice as
long."""


@dataclasses.dataclass(init=False, repr=False, eq=False)
class _Model:
    """What the standard library makes; its classes hold things that only it can make."""

    any_field: int


_KIND = _Model.__dataclass_fields__["any_field"]._field_type  # type: ignore[attr-defined]
_PARAMS = _Model.__dataclass_params__  # type: ignore[attr-defined]


def _dataclass(*, frozen: bool, slots: bool, kw_only: bool = False) -> Callable[[type[T]], type[T]]:
    """Return what makes a frozen dataclass with slots of a class; there is no other kind here."""
    if not (frozen and slots):
        raise TypeError("here a dataclass is frozen and has slots")

    def wrap(cls: type[T]) -> type[T]:
        if hasattr(cls, "__post_init__"):
            raise TypeError(f"{cls.__name__}: here nothing runs after __init__")
        own = {each.name: each for each in _own_fields(cls, kw_only=kw_only)}
        slotted = _slotted(cls, own)
        for name, method in _methods(slotted).items():
            if name not in cls.__dict__:
                setattr(slotted, name, method)
        return slotted

    return wrap


def _own_fields(cls: type[Any], *, kw_only: bool) -> Iterator[Field[Any]]:
    """Return the fields that the body of `cls` declares."""
    for name, kind in cls.__annotations__.items():
        if "ClassVar" in str(kind):
            continue
        given = cls.__dict__.get(name, MISSING)
        made: Field[Any] = given if isinstance(given, Field) else field(default=given)
        if type(made.default).__hash__ is None:
            raise ValueError(f"{cls.__name__}.{name}: use default_factory")
        made.name, made.type = name, kind
        made._field_type = _KIND  # type: ignore[attr-defined]
        if made.kw_only is MISSING:
            made.kw_only = kw_only
        yield made


def _slotted(cls: type[T], own: dict[str, Field[Any]]) -> type[T]:
    """Return `cls` made anew with slots, which a class can only be given at its making."""
    known: dict[str, Field[Any]] = {}
    for base in reversed(cls.__mro__[1:]):
        known |= getattr(base, "__dataclass_fields__", {})
    body = {name: value for name, value in cls.__dict__.items() if name not in own}
    for name in ("__dict__", "__weakref__"):
        body.pop(name, None)
    every = known | own
    body["__slots__"] = tuple(name for name in own if name not in known)
    body["__dataclass_fields__"], body["__dataclass_params__"] = every, _PARAMS
    body.setdefault(
        "__match_args__", tuple(each.name for each in every.values() if not each.kw_only)
    )
    made = cast(type[T], type(cls)(cls.__name__, cls.__bases__, body))  # type: ignore[misc]
    made.__qualname__ = cls.__qualname__
    return made


def _methods(cls: type[Any]) -> dict[str, Callable[..., Any]]:
    every = fields(cls)
    compared = [each.name for each in every if each.compare]
    values: Callable[[object], object] = attrgetter(*compared) if compared else lambda _: ()

    few = iter(range(UNCOMPILED))

    def __init__(self: object, *args: object, **named: object) -> None:
        if next(few, None) is not None and _fill(self, every, args, named):
            return
        cls.__init__ = _initializer(cls)
        cls.__init__(self, *args, **named)

    def __eq__(self: object, other: object) -> bool:
        return values(self) == values(other) if type(other) is type(self) else NotImplemented

    def __hash__(self: object) -> int:
        return hash(values(self))

    def __repr__(self: object) -> str:
        shown = (f"{f.name}={getattr(self, f.name)!r}" for f in every if f.repr)
        return f"{type(self).__qualname__}({', '.join(shown)})"

    methods = (__init__, __eq__, __hash__, __repr__, _refuse_to_set, _refuse_to_delete)
    return {method.__name__: method for method in methods}


def _fill(
    value: object,
    every: tuple[Field[Any], ...],
    args: tuple[object, ...],
    named: dict[str, object],
) -> bool:
    """Set the fields of a new `value`, which has `every` one of these; return False where the
    arguments are not right."""
    given = dict(zip((each.name for each in every if not each.kw_only), args, strict=False))
    if len(given) < len(args) or given.keys() & named.keys():
        return False
    given |= named
    for each in every:
        if each.name in given:
            made = given.pop(each.name)
        elif each.default is not MISSING:
            made = each.default
        elif each.default_factory is not MISSING:
            made = each.default_factory()
        else:
            return False
        object.__setattr__(value, each.name, made)
    return not given


def _refuse_to_set(self: object, name: str, value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(self: object, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


_refuse_to_set.__name__ = "__setattr__"
_refuse_to_delete.__name__ = "__delattr__"


def _initializer(cls: type[Any]) -> Callable[..., None]:
    """Return `__init__` of the fields of `cls`, compiled."""
    names: dict[str, Any] = {"_absent": MISSING}
    places, keywords, lines = ["self"], ["*"], []
    every = fields(cls)
    opened = len(every) >= MANY and cls.__bases__ == (object,)
    for each in every:
        name = value = given = each.name
        if each.default is not MISSING:
            names[f"_{name}_default"] = each.default
            given = f"{name}=_{name}_default"
        elif each.default_factory is not MISSING:
            names[f"_{name}_factory"] = each.default_factory
            given, value = f"{name}=_absent", f"_{name}_factory() if {name} is _absent else {name}"
        (keywords if each.kw_only else places).append(given)
        names[f"_set_{name}"] = getattr(cls, name).__set__
        lines.append(f" self.{name} = {value}" if opened else f" _set_{name}(self, {value})")
    if opened:
        names |= {"_class": cls, "_open": type(cls.__name__, (), {"__slots__": cls.__slots__})}
        names["_set_class"] = object.__dict__["__class__"].__set__
        lines = [" _set_class(self, _open)", *lines, " self.__class__ = _class"]
    params = ", ".join(places + (keywords if len(keywords) > 1 else []))
    code = "\n".join((f"def __init__({params}):", *(lines or [" pass"])))
    # All of it is names of fields; the standard library does the same.
    exec(code, names)  # noqa: S102
    made: Callable[..., None] = names["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    return made


if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:
    dataclass = _dataclass
