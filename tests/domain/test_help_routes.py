"""What opens a help route in five languages, and what is added to a reply under it."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modtui.domain import help_routes
from modtui.domain.help_routes import (
    Heard,
    HelpBook,
    Pattern,
    by_head,
    disclaimed,
    heard,
    pattern,
    rows,
    undisclaimed,
)
from modtui.domain.latin import folded, spelled
from modtui.domain.settings import Desk, Moderator
from modtui.engine.rulebook import help_book

ROUTES = ("self-harm", "threat", "doxxing", "gambling")
SHIPPED = help_book(Desk(Moderator("me", "UTC")))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("t.me/lucky_drop", ': "t. me lucky drop"'),
        ("lost, all", ': "lost all"'),
        ("?", ", such as"),
    ],
)
def test_a_pattern_that_is_none_says_what_was_meant(text: str, meant: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"with blanks between{meant}")):
        pattern("", text)
    if meant.startswith(":"):
        assert pattern("", meant[3:-1]).words


@pytest.mark.parametrize(
    ("text", "route"),
    [
        ("i just want to KILL MYSELF tonight", "self-harm"),
        ("Suicidal again.", "self-harm"),
        ("I don’t want to live", "self-harm"),
        ("Больше не хочу жить", "self-harm"),
        ("Nie chcę już nic, chce umrzec. Chcę umrzeć", "self-harm"),
        ("სიკვდილი მინდა", "self-harm"),
        ("Өмір сүргім келмейді", "self-harm"),
        ("I'll find you, I know where you live", "threat"),
        ("Я знаю, где ты живёшь", "threat"),
        ("Znajdę cię", "threat"),
        ("მოგკლავ", "threat"),
        ("Сені өлтіремін", "threat"),
        ("somebody doxxed me", "doxxing"),
        ("слили мои данные", "doxxing"),
        ("opublikował mój adres", "doxxing"),
        ("ჩემი მისამართი გამოაქვეყნეს", "doxxing"),
        ("мекенжайымды жариялады", "doxxing"),
        ("I can't stop gambling", "gambling"),
        ("We lost everything we had", "gambling"),
        ("We lost everything we built because of his betting", "gambling"),
        ("Chcę skończyć ze sobą. Kłócić się nie ma o co", "self-harm"),
        ("Проиграл всё", "gambling"),
        ("nie mogę przestać grać", "gambling"),
        ("ვერ ვჩერდები", "gambling"),
        ("Тоқтай алмай жүрмін", "gambling"),
        ("i want it all to be over", "self-harm"),
        ("there is no way out for me anymore", "self-harm"),
        ("Я больше не вижу смысла", "self-harm"),
        ("Chcę, żeby to wszystko się skończyło", "self-harm"),
        ("აზრს ვეღარ ვხედავ", "self-harm"),
        ("Шығар жол көріп тұрған жоқпын", "self-harm"),
        ("You and your kids better be careful", "threat"),
        ("ты и твои дети пожалеете", "threat"),
        ("Nigdy więcej nie wstaniesz", "threat"),
        ("Сен және сенің балаларың өкінесіңдер", "threat"),
    ],
)
def test_words_that_open_a_route(text: str, route: str) -> None:
    found = heard(SHIPPED, text, ROUTES)
    assert found is not None
    assert found.route == route


@pytest.mark.parametrize(
    "text",
    [
        "How long does a withdrawal take?",
        "The server crashed and we lost everything we built",
        "Kiedy skończę ze sobą rywalizować w rankingu?",
        "I am killing myself laughing",
        "I will find you a better offer",
        "Я проиграл всего два раза",
        "Jak zmienić e-mail?",
        "ლიმიტის შეცვლა",
        "Лимитті қалай қоямын?",
        "I hope you will pay attention to this ticket",
        "You will regret missing this tournament, sign up now",
        "I have a gun skin and it disappeared",
        "I'm sorry for everything I said yesterday, please unban me",
        "I wont be around tomorrow so please answer today",
        "you're dead wrong about the bonus",
        "Crack your head on this puzzle",
        "Мы вас найдём и перезвоним, спасибо",
        "Вы не пожалеете, лучшие условия",
        "Меня завтра не будет, ответьте сегодня",
        "Nie pożałujesz, sprawdź nasz bonus",
        "Nie mam już życia w grze, jak kupić?",
        "I'm tired of living with this bug",
        "I can't find the way out of this menu",
        "I want it all to be over by Friday, can you speed up the check?",
        "make sure you never share your password",
        "I lost everything in my inventory after the update",
        "I posted my phone number by mistake, please remove",
        "Больше не вижу смысла ждать ответа",
        "Вы и ваша семья получите ответ завтра",
        "Nie widzę wyjścia z menu",
        "Бұл мәзірден шығар жолды таппай",
        "",
    ],
)
def test_words_that_open_none(text: str) -> None:
    assert heard(SHIPPED, text, ROUTES) is None


TEXTS = tomllib.loads(Path(__file__).with_name("help_texts.toml").read_text("utf-8"))


def missed(part: str, route: str) -> Iterator[str]:
    for texts in TEXTS[part][route].values():
        yield from (text for text in texts["opens"] if heard(SHIPPED, text, (route,)) is None)


def alarms(part: str) -> Iterator[str]:
    for languages in TEXTS[part].values():
        for texts in languages.values():
            yield from (text for text in texts["shut"] if heard(SHIPPED, text, ROUTES) is not None)


def counted(part: str, kind: str) -> int:
    return sum(len(texts[kind]) for route in TEXTS[part].values() for texts in route.values())


@pytest.mark.parametrize("route", ROUTES)
def test_what_the_patterns_were_written_for_is_heard(route: str) -> None:
    said = sum(len(texts["opens"]) for texts in TEXTS["seen"][route].values())
    assert len(list(missed("seen", route))) <= 0.1 * said, list(missed("seen", route))


def test_what_no_pattern_was_written_for_is_heard_when_it_is_said_plainly() -> None:
    silent = [text for route in ROUTES for text in missed("held", route)]
    assert len(silent) <= 0.1 * counted("held", "opens"), silent


@pytest.mark.parametrize("part", ["seen", "held"])
def test_what_only_looks_like_a_need_opens_hardly_anything(part: str) -> None:
    assert len(list(alarms(part))) <= 0.05 * counted(part, "shut"), list(alarms(part))


def test_common_ways_to_say_it_are_all_heard_and_common_words_that_sound_alike_never() -> None:
    assert [text for route in ROUTES for text in missed("plain", route)] == []
    assert list(alarms("plain")) == []


@pytest.mark.parametrize(
    "text",
    ["Не хочу жить", "ne hochu zhit", "өмір сүргім келмейді", "омир сургим келмейди", "mogklav"],
)
def test_a_need_is_heard_in_whatever_letters_it_is_typed(text: str) -> None:
    assert heard(SHIPPED, text, ROUTES) is not None


def test_a_word_may_be_one_of_several_and_some_words_may_stand_between() -> None:
    book = HelpBook(by_head([pattern("x", "lost/blew ... rent/wage."), pattern("x", "a. cat/dog")]))
    assert heard(book, "I blew my whole damn rents", ("x",)) == Heard(
        "x", "blew my whole damn rents"
    )
    assert heard(book, "lost wage", ("x",)) == Heard("x", "lost wage")
    assert heard(book, "lost the wages", ("x",)) is None
    assert heard(book, "lost one two three four rent", ("x",)) is None
    assert heard(book, "A doggy", ("x",)) == Heard("x", "a doggy")
    assert heard(book, "Лост рент", ("x",)) == Heard("x", "лост рент")


def test_only_the_routes_that_are_asked_for_and_the_first_of_them() -> None:
    both = "can't stop gambling and want to die"
    assert heard(SHIPPED, both, ROUTES) == Heard("self-harm", "want to die")
    assert heard(SHIPPED, both, ("gambling",)) == Heard("gambling", "cant stop gambling")
    assert heard(SHIPPED, both, ()) is None


def test_a_full_stop_means_the_whole_word_and_a_longer_row_can_forbid() -> None:
    patterns = [
        pattern("x", "dox."),
        pattern("x", "big cat"),
        pattern("x", "big cat food", opens=False),
    ]
    book = HelpBook(by_head(patterns))
    assert heard(book, "DOX!", ("x",)) == Heard("x", "dox")
    assert heard(book, "doxology", ("x",)) is None
    assert heard(book, "a big, catlike thing", ("x",)) == Heard("x", "big catlike")
    assert heard(book, "big cat foods", ("x",)) is None


def test_what_stands_wholly_in_words_that_mean_something_else_opens_nothing() -> None:
    patterns = [pattern("x", "lost again"), pattern("x", "team ... lost again", opens=False)]
    book = HelpBook(by_head([*patterns, pattern("y", "again")]))
    assert heard(book, "I lost again", ("x",)) == Heard("x", "lost again")
    assert heard(book, "my team has lost again", ("x",)) is None
    assert heard(book, "my team has lost again", ("y",)) == Heard("y", "again")
    assert heard(book, "my team lost again, lost again me too", ("x",)) is not None
    reaching = by_head([pattern("x", "again today"), patterns[1]])
    assert heard(HelpBook(reaching), "team lost again today", ("x",)) is not None


_PLACES = st.lists(
    st.lists(
        st.sampled_from(["a", "a.", "ab", "ab.", "abc", "abc.", "abcd", "b", "is", "cant."]),
        min_size=1,
        max_size=3,
    ).map("/".join),
    min_size=1,
    max_size=4,
)
_PATTERNS = st.builds(
    lambda route, places, gap, opens: pattern(route, gap.join(places), opens=opens),
    st.sampled_from("xy"),
    _PLACES,
    st.sampled_from([" ", " ... "]),
    st.booleans(),
)
_SAID = st.lists(
    st.tuples(
        st.sampled_from(["a", "AB", "áb", "абв", "abcde", "b", "isa", "can't", "x" * 40]),
        st.sampled_from([" ", "  ", ", ", "-", "\n", "\u00a0", "_", "\x1f", "."]),
    ).map("".join),
    max_size=12,
).map("".join)


@given(st.lists(_PATTERNS, max_size=9), _SAID)
def test_patterns_are_found_as_if_each_were_tried_at_each_word(
    patterns: list[Pattern], text: str
) -> None:
    book = by_head(patterns)
    found = list(tried(patterns, text))
    assert list(rows(book, text)) == found
    assert list(rows(book, text)) == found


def tried(patterns: Sequence[Pattern], text: str) -> Iterator[tuple[str, str]]:
    """What `rows` yields, found the long way."""
    said = re.findall(r"[^\W_]+", spelled(text))
    words = [f"{folded(word)}." for word in said]
    meant: dict[str, int] = {}
    for place, word in enumerate(words):
        decided: set[str] = set()
        for each in sorted(patterns, key=lambda p: (-len(p.words), p.opens)):
            heads = {f"{first.removesuffix('.')}."[:3] for first in each.words[0]}
            end = reached(each.words, words, place) if word[:3] in heads else 0
            if end and each.route not in decided:
                decided.add(each.route)
                if end <= meant.get(each.route, 0):
                    continue
                if not each.opens:
                    meant[each.route] = end
                else:
                    yield each.route, " ".join(said[place:end])


def reached(wanted: Sequence[tuple[str, ...]], words: Sequence[str], place: int) -> int:
    """Where the words end that are `wanted` from `place` on, or 0."""
    spare = 0
    for each in wanted:
        if not each:
            spare += 3
            continue
        some = words[place : place + 1 + spare]
        skipped = next((n for n, word in enumerate(some) if word.startswith(each)), None)
        if skipped is None:
            return 0
        place, spare = place + skipped + 1, 0
    return place


def test_words_are_remembered_and_what_has_no_blanks_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    book, asked = by_head([pattern("x", "lost all")]), Counter[str]()

    def counted(text: str) -> str:
        asked[text] += 1
        return spelled(text)

    monkeypatch.setattr(help_routes, "spelled", counted)
    long = "so-then-i-have-lost-all-of-it-today"
    for _ in range(2):
        assert list(rows(book, f"Lost all, {long}")) == [("x", "lost all")] * 2
    assert asked == {"Lost": 1, "all,": 1, long: 2}


@pytest.mark.parametrize("text", ["", "   ", "a, b", "what?", "... end", "end ...", "a//b", "/"])
def test_a_pattern_is_a_row_of_words(text: str) -> None:
    with pytest.raises(ValueError, match="is not a row of words"):
        pattern("x", text)


@given(st.text(), st.sampled_from([None, "en", "ru", "pl", "ka", "kk", "de"]))
def test_the_disclaimer_is_added_once_in_whatever_language(text: str, language: str | None) -> None:
    once = disclaimed(SHIPPED, text, language)
    assert SHIPPED.statement(language) in once
    assert disclaimed(SHIPPED, once, "ka") == once
    assert undisclaimed(SHIPPED, once) == undisclaimed(SHIPPED, text).rstrip()


def test_every_language_of_the_library_has_a_disclaimer() -> None:
    assert set(SHIPPED.disclaimer) == {"en", "ru", "pl", "ka", "kk"}
    assert SHIPPED.statement("de") == SHIPPED.statement("en")
