"""How many frames may be under way, and to which terminals that is asked."""

from __future__ import annotations

import sys
import threading

from modtui.terminal.flight import (
    FIRST_SECONDS,
    LATER_SECONDS,
    MISSES,
    OWED_SECONDS,
    SHARED,
    WINDOW,
    Flight,
)


class Watch:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def sent(flight: Flight, size: int) -> None:
    """A frame of this size was sent, with a question."""
    flight.due(size)
    flight.took_off()


def test_a_small_frame_waits_for_none() -> None:
    flight = Flight(Watch())
    sent(flight, WINDOW)
    assert not flight.full()
    sent(flight, 1)
    assert flight.full()


def test_an_answer_makes_room() -> None:
    flight = Flight(Watch())
    sent(flight, WINDOW + 1)
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
        sent(flight, WINDOW + 1)
        assert flight.full()
        watch.now += FIRST_SECONDS
        assert not flight.full()
    assert not flight.asks
    sent(flight, 9 * WINDOW)
    assert not flight.full()


def test_one_that_has_answered_is_given_more_time() -> None:
    watch = Watch()
    flight = Flight(watch)
    sent(flight, 10)
    assert flight.landed()
    sent(flight, WINDOW + 1)
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
        sent(flight, WINDOW + 1)
        watch.now += FIRST_SECONDS
        assert not flight.full()
    sent(flight, 1)
    assert not flight.asks
    assert flight.landed()
    assert flight.asks


def test_an_answer_that_was_given_up_is_still_to_come() -> None:
    watch = Watch()
    flight = Flight(watch)
    for _ in range(MISSES):
        sent(flight, WINDOW + 1)
        watch.now += FIRST_SECONDS
        assert not flight.full()
    assert not flight.asks
    for _ in range(MISSES):
        assert flight.waiting
        assert flight.landed()
        assert flight.asks
    assert not flight.waiting
    assert not flight.landed()


def test_of_a_terminal_that_never_answers_nothing_is_to_come_in_the_end() -> None:
    watch = Watch()
    flight = Flight(watch)
    sent(flight, WINDOW + 1)
    watch.now += FIRST_SECONDS
    assert not flight.full()
    watch.now += OWED_SECONDS
    assert not flight.waiting


def test_a_line_is_slow_that_answers_late_twice_in_a_row() -> None:
    watch = Watch()
    flight = Flight(watch)
    assert not flight.slow
    answers = ((0.2, False), (0.01, False), (0.2, False), (0.2, True), (0.2, True), (0.01, False),
               (0.2, False), (0.2, True))  # fmt: skip
    for seconds, slow in answers:
        sent(flight, 10)
        watch.now += seconds
        assert flight.landed()
        assert flight.slow is slow
    flight.close()
    assert not flight.slow


def test_small_frames_share_a_question() -> None:
    flight = Flight(Watch())
    assert [flight.due(SHARED // 3) for _ in range(3)] == [False, False, True]
    flight.took_off()
    assert not flight.due(SHARED - 1)
    assert Flight(Watch()).due(SHARED)
    assert not Flight(Watch(), asks=False).due(SHARED)


def test_none_is_asked_of_a_multiplexer_or_after_the_end() -> None:
    flight = Flight(Watch(), asks=False)
    flight.open()
    assert not flight.asks
    other = Flight(Watch())
    sent(other, WINDOW + 1)
    other.close()
    assert not other.asks
    assert not other.waiting
    assert not other.full()
    other.open()
    assert other.asks


def test_answers_land_in_another_thread() -> None:
    flight = Flight(lambda: 0.0)
    ended = threading.Event()

    def answer() -> None:
        while not ended.is_set():
            flight.landed()

    thread = threading.Thread(target=answer)
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        thread.start()
        for _ in range(20_000):
            flight.due(400)
            flight.took_off()
            flight.full()
            flight.rest()
    finally:
        ended.set()
        thread.join()
        sys.setswitchinterval(before)
