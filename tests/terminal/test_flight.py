"""How many frames may be under way, and to which terminals that is asked."""

from __future__ import annotations

from modtui.terminal.flight import FIRST_SECONDS, LATER_SECONDS, MISSES, WINDOW, Flight


class Watch:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_small_frame_waits_for_none() -> None:
    flight = Flight(Watch())
    flight.took_off(WINDOW)
    assert not flight.full()
    flight.took_off(1)
    assert flight.full()


def test_an_answer_makes_room() -> None:
    flight = Flight(Watch())
    flight.took_off(WINDOW + 1)
    assert flight.full()
    assert flight.landed()
    assert not flight.full()
    assert not flight.waiting


def test_an_answer_to_nothing_is_not_one() -> None:
    assert not Flight(Watch()).landed()


def test_a_terminal_that_never_answers_is_asked_three_times() -> None:
    watch = Watch()
    flight = Flight(watch)
    for _ in range(MISSES):
        assert flight.asks
        flight.took_off(WINDOW + 1)
        assert flight.full()
        watch.now += FIRST_SECONDS
        assert not flight.full()
    assert not flight.asks
    flight.took_off(9 * WINDOW)
    assert not flight.full()


def test_one_that_has_answered_is_given_more_time() -> None:
    watch = Watch()
    flight = Flight(watch)
    flight.took_off(10)
    assert flight.landed()
    flight.took_off(WINDOW + 1)
    watch.now += LATER_SECONDS - 0.1
    assert flight.full()
    assert 0 < flight.rest() < 0.2
    watch.now += 0.2
    assert not flight.full()
    assert flight.asks


def test_a_late_answer_makes_it_ask_again() -> None:
    watch = Watch()
    flight = Flight(watch)
    for _ in range(MISSES):
        flight.took_off(WINDOW + 1)
        watch.now += FIRST_SECONDS
        assert not flight.full()
    flight.took_off(1)
    assert not flight.asks
    assert flight.landed()
    assert flight.asks


def test_none_is_asked_of_a_multiplexer_or_after_the_end() -> None:
    flight = Flight(Watch(), asks=False)
    flight.open()
    assert not flight.asks
    other = Flight(Watch())
    other.took_off(WINDOW + 1)
    other.close()
    assert not other.asks
    assert not other.waiting
    assert not other.full()
    other.open()
    assert other.asks
