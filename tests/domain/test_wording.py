"""Each check on a reply: what it finds, what it lets be, and which words it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modtui.domain.help_routes import by_head, pattern
from modtui.domain.replies import fill
from modtui.domain.settings import Desk, Moderator
from modtui.domain.wording import (
    RULES,
    CheckBook,
    Level,
    Said,
    blocking,
    luhn,
    review,
    unreasoned,
)
from modtui.engine.library import STARTER, Library
from modtui.engine.rulebook import check_book

BOOK = CheckBook(
    levels=dict.fromkeys(RULES, Level.WARN),
    stop_words=by_head([pattern("", "idiot"), pattern("", "calm down")]),
    next_steps=by_head([pattern("", "please"), pattern("", "we will")]),
    allow=("support@example.org",),
    partners=("partner.example",),
    labels=("partner link", "реклама"),
    utm_hosts=("example.org",),
    utm={"utm_source": "community", "utm_medium": ""},
)
SHIPPED = check_book(Desk(Moderator("me", "UTC")))


def found(text: str, rule: str, **more: object) -> list[tuple[str, str]]:
    said = replace(Said(text, "forum"), **more)  # type: ignore[arg-type]
    return [(f.words, f.why) for f in review(BOOK, said) if f.rule == rule]


def words(text: str, rule: str) -> list[str]:
    return [said for said, _ in found(text, rule)]


def test_a_placeholder_that_nothing_filled_is_named_once() -> None:
    assert words("Hi {author}, {author} and {link}", "placeholder") == ["{author}", "{link}"]
    assert words("Hi Nina, {not one}", "placeholder") == []


def test_another_language_than_the_threads() -> None:
    ru = "Здравствуйте! Мы проверим ваш запрос и ответим сегодня."
    assert found(ru, "language", wanted="en") == [("", "the thread is in en, this is in ru")]
    assert found(ru, "language", wanted="ru") == []
    assert found(ru, "language", wanted=None) == []
    assert found("Да", "language", wanted="en") == [], "too short to tell"
    assert found("Да", "language", wanted="en", language="ru") != [], "so a library text says"
    assert found("https://example.org/withdrawal-and-money", "language", wanted="ru") == []


def test_a_removal_is_explained_by_a_rule_or_its_link() -> None:
    rule = {"removed": True, "grounds": ("https://x.example/#4", "Rule 4: no threats", "")}
    assert found("Your post is gone.", "reason", **rule) != []
    assert found("See https://x.example/#4.", "reason", **rule) == []
    assert found("It broke rule 4: No threats!", "reason", **rule) == []
    assert found("Your post is gone.", "reason") == []
    assert [f.level for f in unreasoned(BOOK, "forum", "a removal")] == [Level.WARN]
    assert unreasoned(CheckBook(), "forum", "a removal") == ()


def test_an_open_help_route_wants_help_and_the_disclaimer() -> None:
    gate = {"route": "self-harm", "help_links": ("https://help.example", "116 123")}
    (missing,) = found("We will look.", "help_route", **gate)
    assert missing == (
        "",
        "no help is named: the help route self-harm is open (https://help.example)",
    )
    assert found("Call 116 123.", "help_route", **gate) == []
    assert found("We will look.", "help_route", helps=True, **gate) == []
    assert "disclaimer" in found("116 123", "help_route", disclaimed=False, **gate)[0][1]
    assert found("We will look.", "help_route", disclaimed=False) == []


def test_stop_words_at_the_beginning_of_a_word_and_in_a_row() -> None:
    assert words("Idiots! Please CALM   down.", "stop_words") == ["idiots", "calm down"]
    assert words("a calmer town", "stop_words") == []


def test_personal_data_is_named_but_a_card_is_not_repeated() -> None:
    assert words("Write to nina@mail.example now", "email") == ["nina@mail.example"]
    assert words("Write to support@example.org", "email") == []
    assert words("call +7 701 123-45-67 or 8 (495) 123-45-67", "phone") == [
        "+7 701 123-45-67",
        "8 (495) 123-45-67",
    ]
    assert words("your card 4111 1111 1111 1111, 4111111111111112", "card") == ["…1111"]
    assert "4111" not in "".join(f.line for f in review(BOOK, Said("4111 1111 1111 1111", "f")))


@pytest.mark.parametrize(
    ("text", "cards"),
    [
        ("4111 1111 1111 1111 12/29", ["…1111"]),
        ("4111-1111-1111-1111 123", ["…1111"]),
        ("4111111111111111 123", ["…1111"]),
        ("3782 822463 10005 12", ["…0005"]),
        ("8 800 4111 1111 1111 1111", ["…1111"]),
        ("4111 1111 1111 1111 5500 0000 0000 0004", ["…1111", "…0004"]),
        ("4111 1111 1111 1112 12/29", []),
        ("8 (495) 123-45-67 116 123 4567", []),
    ],
)
def test_a_card_is_found_beside_its_date_or_code(text: str, cards: list[str]) -> None:
    assert words(text, "card") == cards


@pytest.mark.parametrize(
    "text",
    [
        "on 2026-11-27 at 10:30",
        "it took 12345 days",
        "https://example.org/t/1234567890123",
        "1 000 000 points",
    ],
)
def test_what_is_no_phone_number(text: str) -> None:
    assert words(text, "phone") == []


def test_our_own_numbers_may_be_told() -> None:
    assert found("call 116 123 456 789", "phone", ours=("116 123 456 789 (free)",)) == []


@given(st.integers(10**11, 10**18))
def test_the_check_digit_tells_a_card(number: int) -> None:
    right = [d for d in range(10) if luhn(f"{number}{d}")]
    assert len(right) == 1
    assert not luhn("")


def test_shouting_is_three_words_in_capitals_or_three_marks() -> None:
    assert words("WHY DID YOU do that", "shouting") == ["WHY DID YOU"]
    assert words("ПОЧЕМУ ВЫ, МОЛЧИТЕ", "shouting") == ["ПОЧЕМУ ВЫ МОЛЧИТЕ"]
    assert words("Really???", "shouting") == ["???"]
    assert words("The KYC and 2FA of ID Austria. OK?!", "shouting") == []
    assert words("რატომ არ პასუხობთ", "shouting") == [], "Georgian has no capitals to shout in"


def test_a_partner_link_is_labelled() -> None:
    link = "https://shop.partner.example/x"
    assert words(f"Try {link}", "partner_link") == [link]
    assert words(f"Try {link} (partner link)", "partner_link") == []
    assert words("Try https://notpartner.example", "partner_link") == []
    for bare in ("partner.example", "www.partner.example/x", "SHOP.partner.example:80/x?y=1"):
        assert words(f"Try {bare}, it is good.", "partner_link") == [bare]
    for other in (
        "https://[partner.example",
        "partner.examples",
        "me@partner.example",
        "notpartner.example",
        "partner",
    ):
        assert words(f"Try {other}.", "partner_link") == []


def test_our_links_bear_their_tags() -> None:
    good = "https://www.example.org/a?utm_source=community&utm_medium=reply"
    assert found(f"See {good}.", "utm") == []
    assert found("See https://example.org/a", "utm") == [
        ("https://example.org/a", "lacks utm_source=community, utm_medium")
    ]
    assert found("https://example.org/?utm_source=mail&utm_medium=x", "utm")[0][1] == (
        "lacks utm_source=community"
    )
    assert found("See https://other.example/a", "utm") == []
    lacking = "lacks utm_source=community, utm_medium"
    assert found("See www.example.org/a.", "utm") == [("www.example.org/a", lacking)]


def test_a_next_step_is_a_question_a_link_or_its_words() -> None:
    assert found("Thank you.", "next_step") != []
    for text in ("What did you see?", "https://example.org", "Please wait.", "We will look."):
        assert found(text, "next_step") == []


def test_a_rule_is_off_warns_or_blocks_for_each_account() -> None:
    levels = {"shouting": Level.BLOCK, "email": Level.WARN}
    book = replace(BOOK, levels=levels, accounts={"chat": {"shouting": Level.OFF}})
    text = "a@b.example WHY DID YOU {name}"
    on_forum = review(book, Said(text, "forum"))
    assert [(f.rule, f.level) for f in on_forum] == [
        ("shouting", Level.BLOCK),
        ("email", Level.WARN),
    ]
    assert [f.rule for f in blocking(on_forum)] == ["shouting"]
    assert [f.rule for f in review(book, Said(text, "chat"))] == ["email"]


@given(st.text(max_size=200), st.sampled_from([None, "en", "ru", "ka"]))
def test_no_text_is_too_odd_to_be_checked(text: str, wanted: str | None) -> None:
    for each in review(BOOK, Said(text, "forum", wanted=wanted, route="x", help_links=("y",))):
        assert each.why
        assert "\n" not in each.line.replace(text, "")


def starter() -> Mapping[str, str]:
    """Every text of the starter library with its defaults."""
    return {
        f"{entry.id}.{language}": fill(entry, variant, {}).text
        for entry in Library((), STARTER).entries()
        for language, variant in entry.variants.items()
    }


def test_the_starter_library_passes_the_shipped_checks() -> None:
    """What is left open is asked for in the preview."""
    wrong = {
        name: [f.line for f in review(SHIPPED, Said(text, "forum", name[-2:], name[-2:]))]
        for name, text in starter().items()
    }
    assert {n: [w for w in each if "not filled" not in w] for n, each in wrong.items() if each} == {
        name: [] for name, each in wrong.items() if each
    }
