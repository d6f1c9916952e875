from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from modtui.domain import frozen


def point(make: Callable[..., Any]) -> Any:
    @make(frozen=True, slots=True)
    class Point:
        x: int
        y: int = 2
        names: list[str] = dataclasses.field(default_factory=list, compare=False)

        @property
        def sum(self) -> int:
            return self.x + self.y

    return Point


def test_it_is_the_dataclass_of_the_standard_library() -> None:
    ours, theirs = point(frozen.dataclass), point(dataclasses.dataclass)
    for cls in (ours, theirs) * frozen.UNCOMPILED:
        one = cls(1)
        assert (one.x, one.y, one.names, one.sum) == (1, 2, [], 3)
        assert one.names is not cls(1).names
        assert one == cls(1, names=["other"])
        assert hash(one) == hash(cls(1))
        assert len({one, cls(1), cls(y=3, x=1)}) == 2
        assert dataclasses.replace(one, y=5) == cls(1, 5)
        assert [field.name for field in dataclasses.fields(cls)] == ["x", "y", "names"]
        assert cls.__match_args__ == ("x", "y", "names")
        assert not hasattr(one, "__dict__")
    assert ours(1) != theirs(1)
    assert repr(ours(1)) == repr(theirs(1)) == "point.<locals>.Point(x=1, y=2, names=[])"


@pytest.mark.parametrize("make", [frozen.dataclass, dataclasses.dataclass])
def test_nothing_of_a_value_changes(make: Callable[..., Any]) -> None:
    one = point(make)(1)
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'x'"):
        one.x = 2
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot delete field 'x'"):
        del one.x


def test_a_value_of_many_fields_is_as_frozen_as_one_of_few() -> None:
    names = [f"f{number}" for number in range(frozen.MANY)]
    body = {"__annotations__": dict.fromkeys(names, "int"), names[-1]: frozen.MANY - 1}
    cls: Any = frozen.dataclass(frozen=True, slots=True)(type("Row", (), body))
    for _ in range(frozen.UNCOMPILED + 1):
        one = cls(*range(frozen.MANY - 1))
        assert type(one) is cls
        assert [getattr(one, name) for name in names] == [*range(frozen.MANY)]
        assert dataclasses.replace(one, f0=7) == cls(7, *range(1, frozen.MANY - 1))
        assert not hasattr(one, "__dict__")
        with pytest.raises(dataclasses.FrozenInstanceError):
            one.f0 = 1
    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        cls(*range(frozen.MANY - 2))


@pytest.mark.parametrize("make", [frozen.dataclass, dataclasses.dataclass])
def test_wrong_arguments_are_refused_each_time(make: Callable[..., Any]) -> None:
    cls = point(make)
    for _ in range(frozen.UNCOMPILED):
        with pytest.raises(TypeError, match="missing 1 required positional argument: 'x'"):
            cls()
        with pytest.raises(TypeError, match="unexpected keyword argument 'z'"):
            cls(1, z=1)


def test_a_family_shares_its_fields() -> None:
    @frozen.dataclass(frozen=True, slots=True, kw_only=True)
    class Command:
        thread: int

    @frozen.dataclass(frozen=True, slots=True, kw_only=True)
    class Note(Command):
        text: str = ""

        def __repr__(self) -> str:
            return f"note {self.text}"

    assert Note(thread=1, text="a") == Note(text="a", thread=1)
    assert Note(thread=1) != Command(thread=1)
    assert repr(Note(thread=1, text="a")) == "note a"
    with pytest.raises(TypeError, match="positional"):
        Note(1)  # type: ignore[call-arg]


def test_a_class_has_its_fields_when_they_are_asked_for() -> None:
    cls = point(frozen.dataclass)
    assert not isinstance(vars(cls)["__dataclass_fields__"], dict)
    assert cls.__match_args__ == ("x", "y", "names")
    assert [field.type for field in dataclasses.fields(cls)] == ["int", "int", "list[str]"]
    assert vars(cls)["__dataclass_fields__"] is cls.__dataclass_fields__


def test_what_a_class_overrides_stays_its_own() -> None:
    @frozen.dataclass(frozen=True, slots=True)
    class Word:
        text: str

    class Loud(Word):
        __slots__ = ()

        def __init__(self, text: str) -> None:
            super().__init__(text.upper())

        def __eq__(self, other: object) -> bool:
            return super().__eq__(other)

        def __hash__(self) -> int:
            return super().__hash__()

    for _ in range(frozen.UNCOMPILED + 1):
        assert Loud("a").text == "A"
        assert Word("a").text == "a"
        assert Loud("a") == Loud("A")
        assert Loud("a") != Word("A")
        assert hash(Loud("a")) == hash(Word("A"))


def test_a_method_that_was_got_before_another_thread_replaced_it_goes_on() -> None:
    cls = point(frozen.dataclass)
    made, equal, hashed = cls.__init__, cls.__eq__, cls.__hash__
    one, two = cls(1), cls(2)
    assert one != two
    assert hash(one) != hash(two)
    late = object.__new__(cls)
    made(late, 1)
    assert equal(late, one)
    assert hashed(late) == hash(one)


def test_only_what_it_can_make_is_made() -> None:
    with pytest.raises(TypeError, match="frozen and has slots"):
        frozen.dataclass(frozen=True, slots=False)(type("Loose", (), {}))
    with pytest.raises(TypeError, match="nothing runs after"):
        frozen.dataclass(frozen=True, slots=True)(type("A", (), {"__post_init__": print}))
