"""Each check on a reply: what it finds, what it lets be, and which words it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modtui.domain.help_routes import by_head, pattern
from modtui.domain.personal import luhn
from modtui.domain.replies import Entry, Variant, fill
from modtui.domain.settings import Desk, Moderator
from modtui.domain.wording import (
    RULES,
    CheckBook,
    Level,
    Said,
    blocking,
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


@pytest.mark.parametrize(
    "spelling",
    ["{{author}}", "{ author }", "{author }", "{Author}", "{имя}", "{სახელი}", "{{ticket.name}}",
     "{{include bye}}", "{% if a %}"],
)  # fmt: skip
def test_a_placeholder_is_one_in_whatever_spelling(spelling: str) -> None:
    assert words(f"Hi {spelling}!", "placeholder") == [spelling]
    assert words("｛author｝", "placeholder") == ["{author}"]


@pytest.mark.parametrize("text", ["{1, 2}", '{"a": 1}', "f() { return x; }", "{}"])
def test_braces_around_anything_else_are_no_placeholder(text: str) -> None:
    assert words(text, "placeholder") == []


def test_what_a_title_brings_along_is_no_placeholder() -> None:
    variant = Variant("en", "About", "About “{title}” and {{x}}")
    filled = fill(Entry("about", {"en": variant}), variant, {"title": "Hi {Name}, {{x.y}}"})
    assert words(filled.text, "placeholder") == ["{Name}", "{{x.y}}", "{{x}}"]
    assert [w for w, _ in found(filled.text, "placeholder", quotes=filled.quotes)] == ["{{x}}"]


def test_another_language_than_the_threads() -> None:
    ru = "Здравствуйте! Мы проверим ваш запрос и ответим сегодня."
    assert found(ru, "language", wanted="en") == [("", "the thread is in en, this is in ru")]
    assert found(ru, "language", wanted="ru") == []
    assert found(ru, "language", wanted=None) == []
    assert found("Да", "language", wanted="en") == [], "too short to tell"
    assert found("Да", "language", wanted="en", language="ru") != [], "so a library text says"
    assert found("https://example.org/withdrawal-and-money", "language", wanted="ru") == []


def test_a_language_that_cannot_be_told_is_not_guessed_at() -> None:
    fr = "Bonjour, nous allons vérifier votre demande aujourd'hui."
    assert found(fr, "language", wanted="fr") == []
    assert found(fr, "language", wanted="fr", language="fr") == []
    assert found(fr, "language", wanted="fr", language="en") != [], "so the library says"
    en = "Hello, we will check your request today."
    assert found(en, "language", wanted="en-US") == []
    assert found(en, "language", wanted="ru-KZ") != []


def test_a_removal_is_explained_by_a_rule_or_its_link() -> None:
    rule = {"removed": True, "grounds": ("https://x.example/#4", "Rule 4: no threats", "")}
    assert found("Your post is gone.", "reason", **rule) != []
    assert found("See https://x.example/#4.", "reason", **rule) == []
    assert found("It broke rule 4: No threats!", "reason", **rule) == []
    assert found("It broke rule 4: no\nthreats", "reason", **rule) == []
    assert found("See https://x.example/#42.", "reason", **rule) != []
    dashed = {"removed": True, "grounds": ("Rule 4 – no threats",)}
    assert found("It broke rule 4 – no threats.", "reason", **dashed) == []
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


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Call 116 123, day or night.", True),
        ("Call 116123.", True),
        ("See https://help.example/.", True),
        ("see help.example", True),
        ("Call 988 now", True),
        ("Your request 98812 is looked at.", False),
        ("See https://helper.example.", False),
    ],
)
def test_each_way_to_help_that_a_line_names_is_enough(text: str, named: bool) -> None:
    lines = ("116 123 (Samaritans), https://help.example", "988, https://988.example")
    missing = found(text, "help_route", route="self-harm", help_links=lines)
    assert (missing == []) is named


def test_stop_words_at_the_beginning_of_a_word_and_in_a_row() -> None:
    assert words("Idiots! Please CALM   down.", "stop_words") == ["idiots", "calm down"]
    assert words("a calmer town", "stop_words") == []
    for odd in ("ｉｄｉｏｔ", "idi\u00adot", "i\u0301diot"):
        assert words(odd, "stop_words") == ["idiot"]


def test_personal_data_is_named_but_a_card_is_not_repeated() -> None:
    assert words("Write to nina@mail.example now", "email") == ["nina@mail.example"]
    assert words("Write to support@example.org", "email") == []
    assert words("call +7 701 123-45-67 or 8 (495) 123-45-67", "phone") == [
        "+7 701 123-45-67",
        "8 (495) 123-45-67",
    ]
    assert words("your card 4111 1111 1111 1111, 4111111111111112", "card") == ["…1111"]
    assert words("Write to notsupport@example.org, SUPPORT@EXAMPLE.ORG", "email") == [
        "notsupport@example.org"
    ]
    assert words("Write to support@example.org.evil.example", "email") != []
    assert words("me＠mail.example", "email") == ["me@mail.example"]
    assert words("Hi @nina@mastodon.example, @nina:matrix.example!", "email") == []
    assert found("nina@team.example", "email", ours=("@team.example",)) == []
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
        ("４１１１ １１１１ １１１１ １１１１", ["…1111"]),
        ("4111–1111–1111–1111", ["…1111"]),
        ("4111/1111/1111/1111, 4111_1111_1111_1111", ["…1111", "…1111"]),
        ("4111, 1111, 1111, 1111", ["…1111"]),
        ("41\u200b11 1111 1111 1111", ["…1111"]),
        ("4111 1111 1111 1112 12/29", []),
        ("IBAN PL61 1090 1014 0000 0712 1981 2874", []),
        ("AB12 4111 1111 1111 1111", ["…1111"]),
        ("at 1700000000005 ms", []),
        ("<@4111111111111111>, <#4111111111111111>", []),
        ("from 05.11.2026 to 12.11.2026", []),
        ("2026-11-27 10:30 to 2026-11-28 19:00", []),
        ("8 (495) 123-45-67 116 123 4567", []),
    ],
)
def test_a_card_is_found_beside_its_date_or_code(text: str, cards: list[str]) -> None:
    assert words(text, "card") == cards


@pytest.mark.parametrize(
    "number",
    [
        "+995 555 12 34 56", "555 12 34 56", "(032) 212-34-56", "+7 701 123 45 67", "87011234567",
        "+7(916)123-45-67", "8-800-555-35-35", "+48 600 123 456", "600-123-456", "22 123 45 67",
        "8\u2013916\u2013123\u201345\u201367", "+7\u2011701\u2011123\u201145\u201167",
        "８９１６１２３４５６７", "№ 89161234567", "0048 600 123 456",
    ],
)  # fmt: skip
def test_phone_numbers_as_they_are_written(number: str) -> None:
    assert len(words(f"call {number}, please", "phone")) == 1


def test_a_link_that_rings_somebody_up_is_a_phone_number() -> None:
    assert words("https://wa.me/77011234567", "phone") == ["77011234567"]
    assert words("t.me/+77011234567", "phone") == ["+77011234567"]
    assert words("https://t.me/c/1234567890/5", "phone") == []


@pytest.mark.parametrize(
    "text",
    [
        "by 2026-11-28 10:30",
        "28.11.2026 12:00",
        "28/11/2026 12:00:30",
        "request #123456789, заявка № 1234567890, ID: 123456789",
        "1 000 000 000 points",
        "10 000–25 500 ₸",
        "12 345 678 zł or 100 200 300,00 zł",
        "IBAN PL61 1090 1014 0000 0712 1981 2874",
        "on 2026-11-27 at 10:30",
        "it took 12345 days",
        "https://example.org/t/1234567890123",
        "1 000 000 points",
    ],
)
def test_what_is_no_phone_number(text: str) -> None:
    assert words(text, "phone") == []


def test_our_own_numbers_may_be_told() -> None:
    ours = ("+48 22 123 45 67",)
    for written in ("22 123-45-67", "(22) 123 45 67", "0048221234567"):
        assert found(f"call {written}", "phone", ours=ours) == []
    assert found("call 22 123 45 68", "phone", ours=ours) != []
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
    assert words("Really！！！", "shouting") == ["!!!"]
    assert words("*WHY* **DID** _YOU_ do that", "shouting") == ["WHY DID YOU"]
    assert words("Pay in USD, EUR, PLN; send AML/KYC/GDPR papers", "shouting") == []
    assert words("STOP, STOP, STOP", "shouting") == ["STOP STOP STOP"]
    assert words("The KYC and 2FA of ID Austria. OK?!", "shouting") == []
    assert words("რატომ არ პასუხობთ", "shouting") == [], "Georgian has no capitals to shout in"
    assert words("ᲠᲐᲢᲝᲛ ᲐᲠ ᲞᲐᲡᲣᲮᲝᲑᲗ", "shouting") == ["ᲠᲐᲢᲝᲛ ᲐᲠ ᲞᲐᲡᲣᲮᲝᲑᲗ"], "but these"


def test_a_partner_link_is_labelled() -> None:
    link = "https://shop.partner.example/x"
    assert words(f"Try {link}", "partner_link") == [link]
    assert words(f"Try {link} (partner link)", "partner_link") == []
    assert words("Try https://notpartner.example", "partner_link") == []
    assert words(f"Try {link}?реклама", "partner_link") == [f"{link}?реклама"], "not in the link"
    assert words(f"About your рекламация: {link}", "partner_link") == [link]
    assert words(f"РЕКЛАМА: {link}", "partner_link") == []
    for odd in ("//partner.example/x", "partner\u2024example", "https://partner。example"):
        assert len(words(f"Try {odd} now", "partner_link")) == 1
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


def test_a_host_is_known_in_its_own_letters_and_in_ascii() -> None:
    hosts = ("казино.рф", "xn--80ak6aa92e.example")
    book = replace(BOOK, partners=hosts)
    for link in ("https://казино.рф/x", "xn--80aodfsg.xn--p1ai/x", "https://аррӏе.example"):
        rules = [f.rule for f in review(book, Said(f"Try {link} now", "forum"))]
        assert "partner_link" in rules, link


def test_our_links_bear_their_tags() -> None:
    bracketed = "https://example.org/a_(b)?utm_source=community&utm_medium=x"
    assert found(f"See ({bracketed}).", "utm") == []
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
    for text in (
        "What did you see?",
        "https://example.org",
        "See example.org/help",
        "მართლა？",
        "Please wait.",
        "We will look.",
    ):
        assert found(text, "next_step") == []


@pytest.mark.parametrize(
    "text",
    [
        "We get back to you soon.", "Мы вернёмся с ответом завтра.", "Odezwiemy się jutro.",
        "ხვალ დაგიბრუნდებით.", "Біз сізге ертең жазамыз.",
    ],
)  # fmt: skip
def test_a_promise_to_come_back_is_a_next_step(text: str) -> None:
    book = replace(SHIPPED, levels={"next_step": Level.WARN})
    assert review(book, Said(text, "forum")) == ()


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
