"""`dataclass(frozen=True, slots=True)` of the standard library, for a tenth of the time.

The standard library compiles six methods for each class as it is defined. Here `__init__` is
compiled with the first value and the other methods are shared, which makes a start of the app,
with some two hundred classes, a third shorter. What comes out is a dataclass: `fields`, `replace`
and `match` take it. It is not to be copied or pickled.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, FrozenInstanceError, fields
from dataclasses import dataclass as made_slowly
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

T = TypeVar("T")


def _dataclass(*, frozen: bool, slots: bool, kw_only: bool = False) -> Callable[[type[T]], type[T]]:
    """Return what makes a frozen dataclass with slots of a class; there is no other kind here."""
    if not (frozen and slots):
        raise TypeError("here a dataclass is frozen and has slots")

    def wrap(cls: type[T]) -> type[T]:
        if hasattr(cls, "__post_init__"):
            raise TypeError(f"{cls.__name__}: here nothing runs after __init__")
        # Without one, the standard library would write the signature down, which takes longest.
        cls.__doc__ = cls.__doc__ or cls.__name__
        slotted = made_slowly(init=False, repr=False, eq=False, slots=True, kw_only=kw_only)(cls)
        shared = _methods(slotted)
        for name, method in shared.items():
            if name not in cls.__dict__:
                setattr(slotted, name, method)
        return slotted

    return wrap


def _methods(cls: type[Any]) -> dict[str, Callable[..., Any]]:
    compared = [field.name for field in fields(cls) if field.compare]
    values: Callable[[object], object] = attrgetter(*compared) if compared else lambda _: ()

    def __init__(self: object, *args: object, **named: object) -> None:
        cls.__init__ = _initializer(cls)
        cls.__init__(self, *args, **named)

    def __eq__(self: object, other: object) -> bool:
        return values(self) == values(other) if type(other) is type(self) else NotImplemented

    def __hash__(self: object) -> int:
        return hash(values(self))

    def __repr__(self: object) -> str:
        shown = (f"{f.name}={getattr(self, f.name)!r}" for f in fields(cls) if f.repr)
        return f"{type(self).__qualname__}({', '.join(shown)})"

    methods = (__init__, __eq__, __hash__, __repr__, _refuse_to_set, _refuse_to_delete)
    return {method.__name__: method for method in methods}


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
    for field in fields(cls):
        name = value = given = field.name
        if field.default is not MISSING:
            names[f"_{name}_default"] = field.default
            given = f"{name}=_{name}_default"
        elif field.default_factory is not MISSING:
            names[f"_{name}_factory"] = field.default_factory
            given, value = f"{name}=_absent", f"_{name}_factory() if {name} is _absent else {name}"
        (keywords if field.kw_only else places).append(given)
        names[f"_set_{name}"] = getattr(cls, name).__set__
        lines.append(f" _set_{name}(self, {value})")
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
