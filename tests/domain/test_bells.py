"""When the bell rings, by a clock moved by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from modtui.domain.bells import AGAIN, Heard, listen
from modtui.domain.views import Alarms
from tests.screens.sketches import NOW


@dataclass
class Ear:
    """Looks at alarms every now and then; `rang` holds the seconds at which the bell rang."""

    seconds: float = 0
    heard: Heard = field(default_factory=Heard)
    rang: list[float] = field(default_factory=list)

    def look(self, seconds: float, now: tuple[int, ...] = (), soon: tuple[int, ...] = (),
             late: int = 0) -> bool:  # fmt: skip
        """Look `seconds` later; return whether the bell rang."""
        self.seconds += seconds
        alarms = Alarms(frozenset(now), frozenset(soon), late)
        moment = NOW + timedelta(seconds=self.seconds)
        self.heard, rings = listen(self.heard, alarms, moment)
        self.rang += [self.seconds] if rings else []
        return rings


def test_a_new_thread_of_the_lane_rings_and_again_every_two_minutes_until_claimed() -> None:
    ear = Ear()
    for _ in range(61):
        ear.look(5, now=(1,))
    assert ear.rang == [5, 125, 245]
    assert not ear.look(5)
    for _ in range(60):
        ear.look(5)
    assert ear.rang == [5, 125, 245]


def test_one_that_was_given_back_unclaimed_rings_anew() -> None:
    ear = Ear()
    assert ear.look(0, now=(1,))
    assert not ear.look(5)
    assert ear.look(5, now=(1,))


def test_a_second_thread_of_the_lane_rings_at_once_and_both_repeat_together() -> None:
    ear = Ear()
    ear.look(0, now=(1,))
    assert ear.look(3, now=(1, 2))
    assert not ear.look(117, now=(1, 2))
    assert ear.look(3, now=(1, 2))


def test_what_is_about_to_be_late_unheld_rings_once() -> None:
    ear = Ear()
    ear.look(0)
    assert ear.look(60, soon=(4,))
    assert not ear.look(60, soon=(4,))
    assert ear.look(60, soon=(4, 5))


def test_what_becomes_late_rings_once() -> None:
    ear = Ear()
    ear.look(0, late=3)
    assert not ear.look(60, late=3)
    assert ear.look(60, late=4)
    assert not ear.look(60, late=2)
    assert ear.look(60, late=3)


def test_what_is_there_at_the_start_is_on_the_screen_and_only_the_lane_rings() -> None:
    ear = Ear()
    assert not ear.look(0, soon=(1, 2), late=12)
    assert Ear().look(0, now=(1,), soon=(2,), late=12)


def test_a_burst_rings_once() -> None:
    ear = Ear()
    ear.look(0)
    assert ear.look(60, soon=(1,))
    assert not ear.look(4, soon=(1, 2), late=1)
    assert not ear.look(4, soon=(1, 2, 3), late=2)
    assert ear.look(30, soon=(1, 2, 3), late=3)


LOOKS = st.lists(
    st.tuples(st.integers(1, 40), st.frozensets(st.integers(1, 3), max_size=3)), max_size=60
)


@given(LOOKS)
def test_nothing_of_the_lane_is_ever_silent_for_longer_than_two_minutes(
    looks: list[tuple[int, frozenset[int]]],
) -> None:
    ear, last = Ear(), None
    for seconds, lane in looks:
        ear.look(seconds, now=tuple(lane))
        last = ear.rang[-1] if ear.rang else None
        if lane:
            assert last is not None
            assert ear.seconds - last < AGAIN.total_seconds()
