"""`dataclass(frozen=True, slots=True)` of the standard library, for a twentieth of the time.

The standard library compiles six methods for each class as it is defined. Here a class begins with
methods that all share, and has its own when the first is called; `__init__` is compiled after some
values. That makes a start of the app, with some two hundred classes, a third shorter. What comes
out is a dataclass: `fields`, `replace` and `match` take it. It is not to be copied or pickled.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError, field, fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar, cast

T = TypeVar("T")

UNCOMPILED = 48
"""So many values of a class are made before its `__init__` is compiled, for which a class with few
values never waits: to fill them takes about as long as to compile it."""

MANY = 5
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
        return _slotted(cls, _Fields(cls, kw_only=kw_only))

    return wrap


class _Fields:
    """The fields of a class, as a dictionary of its own that is made when it is first asked for:
    most classes of a start are never filled."""

    def __init__(self, cls: type[Any], *, kw_only: bool) -> None:
        names = [n for n, kind in cls.__annotations__.items() if "ClassVar" not in str(kind)]
        self.own = {name: cls.__dict__.get(name, MISSING) for name in names}
        self.kw_only = kw_only
        for name, given in self.own.items():
            default = given.default if isinstance(given, Field) else given
            if type(default).__hash__ is None:
                raise ValueError(f"{cls.__name__}.{name}: use default_factory")

    def is_named(self, name: str) -> bool:
        """Whether a field of the class's own is given by its name alone."""
        given = self.own[name]
        stands = isinstance(given, Field) and given.kw_only is not MISSING
        return bool(given.kw_only) if stands else self.kw_only

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self.owner = owner

    def __get__(self, value: object, cls: type[Any]) -> dict[str, Field[Any]]:
        owner = self.owner
        every: dict[str, Field[Any]] = {}
        for base in reversed(owner.__mro__[1:]):
            every |= getattr(base, "__dataclass_fields__", {})
        for name, given in self.own.items():
            made: Field[Any] = given if isinstance(given, Field) else field(default=given)
            made.name, made.type = name, owner.__annotations__[name]
            made._field_type = _KIND  # type: ignore[attr-defined]
            made.kw_only = self.is_named(name)
            every[name] = made
        owner.__dataclass_fields__ = every
        return every


def _slotted(cls: type[T], given: _Fields) -> type[T]:
    """Return `cls` made anew with slots, which a class can only be given at its making."""
    known: dict[str, bool] = {}
    for base in reversed(cls.__mro__[1:]):
        for name in getattr(base, "__dataclass_fields__", ()):
            known[name] = name not in base.__match_args__  # type: ignore[attr-defined]
    named = known | {name: given.is_named(name) for name in given.own}
    body = {name: value for name, value in cls.__dict__.items() if name not in given.own}
    for name in ("__dict__", "__weakref__"):
        body.pop(name, None)
    body["__slots__"] = tuple(name for name in given.own if name not in known)
    body["__dataclass_fields__"], body["__dataclass_params__"] = given, _PARAMS
    body.setdefault("__match_args__", tuple(name for name, alone in named.items() if not alone))
    for name, method in _METHODS.items():
        body.setdefault(name, method)
    made = cast(type[T], type(cls)(cls.__name__, cls.__bases__, body))  # type: ignore[misc]
    made.__qualname__ = cls.__qualname__
    return made


def _owner(value: object, name: str) -> type[Any]:
    """Return the class of `value` whose method `name` comes from here, the shared one or what took
    its place: another thread may have put that there just now."""
    return next(
        cls
        for cls in type(value).__mro__
        if getattr(cls.__dict__.get(name), "__module__", None) == __name__
    )


def _init(self: object, *args: object, **named: object) -> None:
    cls = _owner(self, "__init__")
    cls.__init__ = _counting(cls)
    cls.__init__(self, *args, **named)


def _counting(cls: type[Any]) -> Callable[..., None]:
    """Return an `__init__` that is compiled after UNCOMPILED values."""
    fill, few = _filler(cls), iter(range(UNCOMPILED))

    def __init__(self: object, *args: object, **named: object) -> None:
        if next(few, None) is not None and fill(self, args, named):
            return
        cls.__init__ = _initializer(cls)
        cls.__init__(self, *args, **named)

    return __init__


def _values(cls: type[Any]) -> Callable[[object], object]:
    compared = [each.name for each in fields(cls) if each.compare]
    return attrgetter(*compared) if compared else lambda _: ()


def _eq(self: object, other: object) -> bool:
    cls = _owner(self, "__eq__")
    values = _values(cls)

    def __eq__(self: object, other: object) -> bool:
        return values(self) == values(other) if type(other) is type(self) else NotImplemented

    cls.__eq__ = __eq__  # type: ignore[assignment]
    return __eq__(self, other)


def _hash(self: object) -> int:
    cls = _owner(self, "__hash__")
    values = _values(cls)

    def __hash__(self: object) -> int:
        return hash(values(self))

    cls.__hash__ = __hash__  # type: ignore[assignment]
    return __hash__(self)


def _repr(self: object) -> str:
    every = fields(self)  # type: ignore[arg-type]
    shown = (f"{f.name}={getattr(self, f.name)!r}" for f in every if f.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _filler(
    cls: type[Any],
) -> Callable[[object, tuple[object, ...], dict[str, object]], bool]:
    """Return what sets the fields of a new value of `cls`; it returns False where the arguments are
    not right."""
    every = fields(cls)
    places = [each.name for each in every if not each.kw_only]
    steps = [
        (each.name, getattr(cls, each.name).__set__, each.default, _factory(each)) for each in every
    ]

    def fill(value: object, args: tuple[object, ...], named: dict[str, object]) -> bool:
        given = dict(zip(places, args, strict=False))
        if len(given) < len(args) or given.keys() & named.keys():
            return False
        given |= named
        for name, put, default, factory in steps:
            made = given.pop(name, MISSING)
            if made is MISSING:
                if default is MISSING and factory is None:
                    return False
                made = default if factory is None else factory()
            put(value, made)
        return not given

    return fill


def _factory(each: Field[Any]) -> Callable[[], Any] | None:
    return None if each.default_factory is MISSING else each.default_factory


def _refuse_to_set(self: object, name: str, value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(self: object, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


# Those that are worth it are put in their place for a class, made for it, when first called.
_METHODS: dict[str, Callable[..., Any]] = {
    "__init__": _init,
    "__eq__": _eq,
    "__hash__": _hash,
    "__repr__": _repr,
    "__setattr__": _refuse_to_set,
    "__delattr__": _refuse_to_delete,
}


def _initializer(cls: type[Any]) -> Callable[..., None]:
    """Return `__init__` of the fields of `cls`, compiled."""
    names: dict[str, Any] = {"_absent": MISSING, "__name__": __name__}
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
