"""Remarks on a library: each is made where it is due and nowhere else."""

from __future__ import annotations

import pytest

from modtui.domain.lint import House, lint
from modtui.domain.replies import Entry, Variant

HOUSE = House(("en",), {"author"}, {"payments"})


def text(body: str = "Hello {author}", **more: object) -> Variant:
    values: dict[str, object] = {"approved_by": "lead", **more}
    return Variant("en", str(values.pop("title", "Title")), body, **values)  # type: ignore[arg-type]


def whats(*entries: Entry) -> list[str]:
    return [remark.what for remark in lint(entries, HOUSE)]


def test_an_entry_in_order_has_no_remark() -> None:
    assert whats(Entry("a", {"en": text()}, keywords=("fee",), then=("escalate payments",))) == []


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        (Entry("a", {"ru": Variant("ru", "T", "b", "x")}, keywords=("k",)), "no text in en"),
        (Entry("a", {"en": text()}), "nothing points to it: no keyword, example, reason or pin"),
        (Entry("a", {"en": text()}, ("general",), then=("escalate law",)),
         "then: no team is called 'law'"),
        (Entry("a", {"en": text()}, ("light", "help:any")),
         "tagged light and as help: it is never offered"),
        (Entry("a", {"en": text(approved_by="")}, ("pin:1",)), "en: not approved"),
        (Entry("a", {"en": text("{days} {author}")}, ("pin:1",)), "en: asks for {days} each time"),
        (Entry("a", {"en": text(defaults={"days": "3"})}, ("pin:1",)),
         "en: a default for 'days', which the text does not use"),
    ],
)  # fmt: skip
def test_each_remark(entry: Entry, what: str) -> None:
    assert whats(entry) == [what]


def test_two_entries_under_one_title_are_named_to_each_other() -> None:
    one, other = (Entry(name, {"en": text()}, (f"pin:{pin}",)) for pin, name in enumerate("ab", 1))
    assert whats(one, other) == [
        "en: the title is also that of b",
        "en: the title is also that of a",
    ]


def test_the_second_of_two_pins_to_one_digit_is_named() -> None:
    one = Entry("a", {"en": text()}, ("pin:8",))
    other = Entry("b", {"en": text(title="Another")}, ("pin:8",))
    assert whats(one, other) == ["pin:8 is also that of a, which comes first and has the key"]


def test_a_remark_says_where() -> None:
    entry = Entry("a", {"en": text()}, source="my.toml", line=7)
    [remark] = lint([entry], HOUSE)
    assert str(remark) == "my.toml:7: a: nothing points to it: no keyword, example, reason or pin"
