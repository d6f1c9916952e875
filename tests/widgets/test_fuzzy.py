import pytest

from modtui.widgets.fuzzy import fitting, score

THINGS = (
    ("keep", "keep: dismiss 4 flags on vasya_77's post queue.keep"),
    ("slow", "slow mode in disco/payments queue.slow"),
    ("paper", "theme: paper theme.paper"),
    ("next", "next to do; while searching: next match queue.next"),
)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", ("keep", "slow", "paper", "next")), ("keep", ("keep",)), ("FLAGS dis", ("keep",)),
        ("paper", ("paper",)), ("thp", ("paper",)), ("slow zzz", ()), ("queue.slow", ("slow",)),
        ("mode slo", ("slow",)),
    ],
)  # fmt: skip
def test_every_word_must_fit_in_any_order(words: str, found: tuple[str, ...]) -> None:
    assert fitting(words, THINGS)[: len(found)] == found
    assert bool(fitting(words, THINGS)) == bool(found)


def test_the_beginning_of_a_word_is_worth_more_than_its_middle_and_that_more_than_several() -> None:
    texts = ("paper", "the_pa", "post all", "pea", "q")
    assert [score(["pa"], text) for text in texts] == [3, 2, 1, None, None]
    assert fitting("match", (("a", "rematch"), ("b", "next match"))) == ("b", "a")
