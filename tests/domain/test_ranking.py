"""The index: it counts, it can take back what it counted, and it finds what answers a text."""

from __future__ import annotations

import random
import tracemalloc
from collections.abc import Sequence
from dataclasses import replace
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modtui.domain.features import NAMING, WORDS, Sample, features, latin, lesson, whole, words
from modtui.domain.postings import Postings, Rows
from modtui.domain.ranking import FEATURES, Ranking

SAMPLES = (
    Sample("payout", ("Withdrawal times", "Сроки вывода"), ("It takes three days.",)),
    Sample("password", ("Reset a password", "Сброс пароля"), ("Use the link.",)),
    Sample("bonus", ("Bonus terms", "Условия бонуса"), (), ("why was my bonus removed",)),
)


def best(ranking: Ranking, text: str) -> str:
    scores = ranking.scores(text)
    return max(scores, key=lambda name: scores[name])


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("I am waiting for my withdrawals", "payout"),
        ("forgot the passwrod, how to reset", "password"),
        ("где мой вывод денег?", "payout"),
        ("не помню пароль", "password"),
        ("они сняли бонус", "bonus"),
        ("you removed my bonuses", "bonus"),
    ],
)
def test_inflected_and_misspelt_words_of_any_language_find_their_entry(
    text: str, entry: str
) -> None:
    assert best(Ranking(SAMPLES), text) == entry


def told(text: str) -> dict[int, float]:
    said = words(text)
    return features(said, set(said))


@given(st.lists(st.text() | st.sampled_from(["Ghost", "тап", "бар ма?", "reset me"]), max_size=6))
def test_a_text_is_counted_by_what_it_is_ranked_by(parts: list[str]) -> None:
    text, known = " ".join(parts), dict[str, Sequence[int]]()
    assert whole(text, known) == whole(text, known) == set(told(text))


def test_neighbours_count_in_any_order() -> None:
    one, other = told("reset password for me"), told("password reset for me")
    pair = crc32(b"passw reset")
    assert one[pair] == other[pair] > told("reset my password")[pair]
    assert pair not in told("reset it: my password")
    assert told("") == {}
    assert told("не ь")[crc32(b"=ne")] == 1.0


def test_what_is_said_again_counts_less_than_in_proportion() -> None:
    names = ("wheel", "bonus", "card", "payout", "login", "terms")
    ranking = Ranking(map(Sample, names))
    ranking.learn("bonus", lesson("wheel bonus gone"))
    for _ in range(4):
        ranking.learn("wheel", lesson("wheel stuck"))
    # One entry answered all words once, the other a common one often.
    assert best(ranking, "bonus gone wheel") == "bonus"
    before = ranking.scores("wheel stuck")["wheel"]
    ranking.learn("wheel", lesson("wheel stuck"))
    assert ranking.scores("wheel stuck")["wheel"] > before


def test_what_the_same_few_say_again_tells_more_than_what_is_said_here_and_there() -> None:
    titles = ("kalp", "wurg", "card", "payout", "login", "terms")
    ranking = Ranking(Sample(title, (title,)) for title in titles)
    # Each word is of two entries, and one of them says it in three texts.
    for entry, said in (("card", "kalp"), ("card", "kalp"), ("card", "kalp"), ("login", "wurg")):
        ranking.learn(entry, lesson(said))
    scores = ranking.scores("kalp wurg spins on")
    assert scores["kalp"] > scores["wurg"]
    for _ in range(2):
        ranking.learn("card", lesson("kalp"), -1)
    scores = ranking.scores("kalp wurg spins on")
    assert scores["kalp"] == pytest.approx(scores["wurg"])


def test_what_is_said_again_and_again_does_not_count_twice_in_a_centroid() -> None:
    ranking = Ranking(map(Sample, ("card", "login", "wheel", "bonus", "payout", "terms")))
    for entry, said in (*[("card", "kalp")] * 4, ("login", "wurg dost"), ("login", "wurg fint")):
        ranking.learn(entry, lesson(said))
    # One entry answered one of the words often, the other all the rest.
    assert best(ranking, "kalp wurg dost fint") == "login"


def test_a_title_is_a_part_of_a_text_where_texts_were_answered() -> None:
    taught, untaught = (Sample(name, ("wheel stuck",)) for name in ("taught", "untaught"))
    ranking = Ranking((taught, untaught, Sample("card", ("card",))))
    ranking.learn("taught", lesson("pixel"))
    scores = ranking.scores("wheel stuck")
    assert scores["taught"] > scores["untaught"]


def test_the_last_words_of_a_text_count_once_more() -> None:
    ends = {crc32(f"{word} >".encode()): word for word in ("artan", "oyatk", "koy")}
    last = {ends[f]: weight for f, weight in told("ертең оятқыш қой").items() if f in ends}
    assert last == {"koy": 1.4, "oyatk": 1.0}
    set_it = Sample("set", asked=("өшір оятқыш маған мұны қой",))
    drop_it = Sample("drop", asked=("қой оятқыш маған мұны өшір",))
    assert best(Ranking((drop_it, set_it)), "дәрі үшін белгі қой") == "set"
    assert best(Ranking((drop_it, set_it)), "дәрі үшін белгі өшір") == "drop"


def test_the_last_words_tell_less_in_a_longer_text_and_in_one_in_latin_letters() -> None:
    end = crc32(b"koy >")
    asked = [told(" ".join(["сөз"] * before + ["қой"]))[end] for before in (1, 7, 15)]
    assert asked == [1.4, 1.4, 0.7]
    assert all(map(latin, ("set it", "ustaw też?", "")))
    assert not any(map(latin, ("қой", "Spotify-де", "დააყენე")))
    in_latin = features(("oyatk", "koy"), {"oyatk", "koy"}, latin=True)
    assert in_latin[end] == pytest.approx(0.75 * 1.4)
    assert in_latin[crc32(b"=koy")] == 1.0
    ranking = Ranking((Sample("set", asked=("pum turg",)), Sample("drop", asked=("kalp dost",))))
    assert ranking.scores("kalp lom turg")["set"] < ranking.scores("калп лом тург")["set"]


def test_an_ending_in_another_harmony_is_the_same() -> None:
    end = crc32(b"pa >")
    for text in ("бұлтты ма", "желді ме", "ашық па", "жаңбыр ба", "түнек пе", "мұз бе"):
        assert told(text)[end] == 1.4
    asks = Sample("weather", asked=("дауыл жүре ме",))
    tells = Sample("music", asked=("дауыл әнін қос",))
    ranking = Ranking((tells, asks, Sample("card", asked=("карта жоқ",))))
    assert ranking.scores("суық па")["weather"] > ranking.scores("суық па").get("music", 0.0)


def test_a_small_word_counts_in_any_harmony() -> None:
    ending = crc32(b"-ka")
    for text in ("театр ға бар", "үй ге бар", "парк қа бар", "мектеп ке бар"):
        assert told(text)[ending] == 0.8
    assert not {ending, crc32(b"-12")} & set(told("театр 12 бар, ғаж"))
    goes = Sample("goes", asked=("үй ге дереу асық",))
    calls = Sample("calls", asked=("үй ден дереу асық",))
    ranking = Ranking((calls, goes, Sample("card", asked=("карта жоқ",))))
    scores = ranking.scores("театр ға бірге барамыз")
    assert scores["goes"] > scores.get("calls", 0.0)


def test_a_name_in_latin_letters_tells_that_something_is_named() -> None:
    assert words("Ghost World кестесін тап")[0] == words("TLC-ის სიმღერა")[0] == NAMING
    for text in ("Ghost World schedule", "Wypłata zł", "кестесін тап 12", "", "Crème brûlée"):
        assert NAMING not in words(text)
    film = Sample("film", asked=("Silly Movie кестесі",))
    weather = Sample("weather", asked=("желдің кестесі",))
    assert best(Ranking((weather, film)), "The Twinkler кестесі") == "film"
    assert best(Ranking((film, weather)), "бораның кестесі") == "weather"
    neighbours = told("Ghost World тап")
    assert neighbours[crc32(b"=~")] == 3 * neighbours[crc32(b"=tap")] == 3.0
    assert crc32(b"ghost ~") not in neighbours
    assert crc32(b"tap world") in neighbours


def test_what_is_named_tells_less_than_that_it_is() -> None:
    named, plain = told("Ghost тап"), told("Ghost tap")
    for feature in (b"=ghost", b"^gh", b"hos"):
        assert named[crc32(feature)] == plain[crc32(feature)] / 2
    assert told("Топ top")[crc32(b"=top")] == told("top Топ")[crc32(b"=top")] == 1.0
    assert set(named) == set(plain) | {crc32(b"=~")}
    assert set(told("Żółw тап")) == set(told("zolw тап"))
    film = Sample("film", asked=("Silver Moon фильмін тап",))
    weather = Sample("weather", asked=("London болжамын айт",))
    ranking = Ranking((weather, film, Sample("taxi", asked=("такси керек",))))
    assert best(ranking, "London Calling тап") == "film"


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("Wypłata nie przyszła", "wyplata nie przyszla"),
        ("Ұтысты қалай аламын?", "утысты калай аламын?"),
        ("Ещё не пришёл вывод", "eshe ne prishel vyvod"),
        ("ფული არ ჩაირიცხა", "puli ar chairitskha"),
    ],
)
def test_a_text_is_known_however_it_was_typed(written: str, typed: str) -> None:
    shared = set(lesson(written)) & set(lesson(typed))
    assert len(shared) >= 0.7 * len(lesson(typed))


def test_what_is_about_nothing_here_scores_low() -> None:
    ranking = Ranking(SAMPLES)
    assert ranking.scores("") == ranking.scores("1 ? !") == Ranking().scores("hello") == {}
    near = max(ranking.scores("withdrawal times please").values())
    far = max(ranking.scores("the parliament debates a new tax on Thursday").values(), default=0)
    assert far < near / 4


def test_a_choice_is_learned_and_exactly_withdrawn() -> None:
    ranking, text = Ranking(SAMPLES), "the wheel spins for ever and the game hangs"
    before, packed = ranking.scores(text), ranking.packed()
    told = lesson(text)
    ranking.learn("bonus", told)
    once = ranking.scores(text)["bonus"]
    ranking.learn("bonus", told)
    assert ranking.scores(text)["bonus"] > once > before.get("bonus", 0.0)
    ranking.learn("bonus", told, -1)
    ranking.learn("bonus", told, -1)
    assert (ranking.scores(text), ranking.packed()) == (before, packed)
    ranking.learn("an entry that is gone", told)
    assert ranking.packed() == packed


def test_a_choice_may_be_withdrawn_before_it_is_learned() -> None:
    ranking, text = Ranking(SAMPLES), "the wheel spins for ever and the game hangs"
    before, packed = ranking.scores(text), ranking.packed()
    ranking.learn("bonus", lesson(text), -1)
    assert ranking.scores(text).get("bonus", 0.0) <= before.get("bonus", 0.0)
    ranking.learn("bonus", lesson(text))
    assert (ranking.scores(text), ranking.packed()) == (before, packed)


def test_an_answer_to_a_text_without_words_teaches_nothing() -> None:
    ranking = Ranking((Sample("image"), Sample("wheel", ("wheel",))))
    before = ranking.scores("wheel")
    ranking.learn("image", lesson("..."))
    assert ranking.scores("wheel") == before


@given(st.lists(st.tuples(st.sampled_from(["payout", "password", "bonus"]), st.text()), max_size=8))
def test_the_order_of_choices_does_not_matter(choices: list[tuple[str, str]]) -> None:
    one, other = Ranking(SAMPLES), Ranking(SAMPLES)
    for entry, text in choices:
        one.learn(entry, lesson(text))
    for entry, text in reversed(choices):
        other.learn(entry, lesson(text))
    for _, text in choices:
        assert one.scores(text) == pytest.approx(other.scores(text))


def test_what_was_packed_answers_as_before() -> None:
    ranking = Ranking(SAMPLES)
    ranking.learn("bonus", lesson("the game hangs"))
    again = Ranking.unpacked(ranking.ids, ranking.packed())
    for text in ("the game hangs", "пароль", "withdrawal"):
        assert again.scores(text) == ranking.scores(text)
    again.learn("bonus", lesson("the game hangs"), -1)
    assert again.scores("the game hangs") == Ranking(SAMPLES).scores("the game hangs")
    with pytest.raises(ValueError, match="different indexes"):
        Ranking.unpacked(("payout",), ranking.packed())
    with pytest.raises(ValueError, match="argument"):
        Ranking.unpacked(ranking.ids, ranking.packed()[:-1])


def test_of_a_long_thread_only_what_tells_most_counts() -> None:
    rng = random.Random(3)
    filler = ["".join(rng.choices("abcdefghijklmnop", k=8)) for _ in range(400)]
    samples = [Sample(f"e{n}", ("reply",), (" ".join(rng.sample(filler, 80)),)) for n in range(40)]
    ranking = Ranking([*samples, Sample("rare", ("unusual chargeback",))])
    long = " ".join([*rng.sample(filler, 150), "chargeback", *rng.sample(filler, 150)])
    assert best(ranking, long) == "rare"
    assert len(lesson(long)) < 20 * WORDS < len(features(words(long), set(words(long))))
    assert FEATURES in range(80, 121)


def test_no_thread_waits_long_while_rows_are_sorted() -> None:
    rows, features = Rows(), sorted({crc32(b"%d" % number) for number in range(20_000)})
    rows.add(7, dict.fromkeys(features, 300), {features[0]: 2})
    pieces = [rows for _, rows in rows.ordered()]
    assert sum(map(len, pieces)) == len(features) > 400 * max(map(len, pieces))
    postings = Postings(rows)
    assert list(postings.of(features[0])) == [(7, 255, 2)]
    assert all(list(postings.of(feature)) == [(7, 255, 0)] for feature in features[1:])


def test_no_text_is_kept() -> None:
    ranking = Ranking(SAMPLES)
    ranking.learn("bonus", lesson("anna@example.org lives at Baker Street"))
    assert b"anna" not in b"".join(ranking.packed())
    assert all(isinstance(feature, int) and feature < 2**32 for feature in lesson("Baker Street"))


def test_what_is_remembered_of_words_takes_little_room() -> None:
    said = [f"remembering{number:04}" for number in range(1000)]
    tracemalloc.start()
    try:
        for word in said:
            whole(word, {})
        assert tracemalloc.get_traced_memory()[0] < 600 * len(said)
    finally:
        tracemalloc.stop()


_TEXTS = st.lists(
    st.sampled_from(
        ["Bonus terms", "bonus?", "the wheel hangs", "Сроки вывода", "Reset a password", "wheel"]
    ),
    max_size=3,
).map(tuple)
_LIBRARY = st.dictionaries(
    st.sampled_from(["payout", "password", "bonus", "wheel", "terms"]),
    st.builds(Sample, st.just(""), _TEXTS, _TEXTS, _TEXTS, st.integers(0, 3)),
    max_size=5,
).map(lambda known: tuple(replace(sample, id=name) for name, sample in known.items()))
_CHOICES = st.lists(st.tuples(st.sampled_from(["payout", "bonus", "wheel"]), _TEXTS), max_size=4)


def counted(ranking: Ranking) -> object:
    """All that `ranking` counts, by entry, in whichever places."""
    sums = ranking._sums()
    about = {n: [part[at] for part in sums] for at, n in enumerate(ranking.ids) if n}
    postings = ranking._postings
    known = {*postings._keys, *postings._added}
    rows = {f: sorted((ranking.ids[at], *row) for at, *row in postings.of(f)) for f in known}
    return about, rows, {feature: postings.met(feature) for feature in known}


@given(st.lists(st.tuples(_LIBRARY, _CHOICES), min_size=2, max_size=5))
def test_what_is_exchanged_counts_as_if_all_were_counted_anew(
    editions: Sequence[tuple[tuple[Sample, ...], list[tuple[str, tuple[str, ...]]]]],
) -> None:
    ranking, before = Ranking(), ()
    taught: list[tuple[str, tuple[int, ...]]] = []
    for samples, choices in editions:
        kept = ranking.packed()
        olds, news = (
            [s for s in before if s not in samples],
            [s for s in samples if s not in before],
        )
        earlier, ranking = ranking, ranking.exchanged(olds, news)
        assert earlier.packed() == kept
        added = {s.id for s in samples} - {s.id for s in before}
        chosen = [(entry, lesson(" ".join(texts))) for entry, texts in choices]
        for entry, said in (*((e, s) for e, s in taught if e in added), *chosen):
            ranking.learn(entry, said)
        before, taught = samples, taught + chosen
        fresh = Ranking(samples)
        for entry, said in taught:
            fresh.learn(entry, said)
        assert counted(ranking) == counted(fresh)
        for text in ("my bonus, the wheel", "вывод", "reset password terms"):
            assert ranking.scores(text) == fresh.scores(text)
        again = Ranking.unpacked(ranking.ids, ranking.packed())
        assert counted(again) == counted(fresh)


def test_an_entry_that_was_edited_stands_where_it_stood() -> None:
    ranking, edited = Ranking(SAMPLES), Sample("password", ("Forgotten password",), ("Write.",))
    edition = (SAMPLES[0], edited, SAMPLES[2])
    assert ranking.exchanged((SAMPLES[1],), (edited,)).packed() == Ranking(edition).packed()
    assert ranking.exchanged((), ()).packed() == ranking.packed()


def test_of_what_is_exchanged_its_own_texts_alone_are_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    samples = tuple(Sample(f"e{n}", (f"title {n}",), (f"body {n}",)) for n in range(50))
    ranking, told = Ranking(samples), list[str]()

    def note(text: str, known: dict[str, Sequence[int]]) -> set[int]:
        told.append(text)
        return whole(text, known)

    monkeypatch.setattr("modtui.domain.ranking.whole", note)
    ranking.exchanged(samples[7:8], (Sample("e7", ("another title",)),))
    assert sorted(told) == ["another title", "body 7", "title 7"]
