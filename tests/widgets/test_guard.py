"""Which blind keys are dropped, with a hand-driven clock."""

from __future__ import annotations

from modtui.widgets.guard import (
    BURST,
    CLOSED,
    OPENED,
    Arrivals,
    BlindGuard,
    Cadence,
    Press,
)


class Hands:
    """A guard, its clock, and a way to press."""

    def __init__(self) -> None:
        self.now = 100.0
        self.guard = BlindGuard(lambda: self.now)

    def press(self, key: str, *, acting: bool = True, after: float = 1.0, **more: object) -> str:
        self.now += after
        return self.guard.admit(Press(key, acting, len(key) == 1, **more))  # type: ignore[arg-type]


def test_an_acting_key_passes_when_nothing_was_armed() -> None:
    assert Hands().press("a") == ""


def test_an_acting_key_before_the_paint_is_dropped_and_counted() -> None:
    hands = Hands()
    hands.guard.arm()
    assert hands.press("a") == "1 key dropped: new thread"
    assert hands.press("x") == "2 keys dropped: new thread"


def test_an_acting_key_counts_again_400_ms_after_the_paint() -> None:
    hands = Hands()
    hands.guard.painted(hands.guard.arm())
    assert hands.press("a", after=0.39) == "1 key dropped: new thread"
    assert hands.press("x", after=0.02) == ""


def test_the_paint_of_an_older_thread_does_not_open_the_guard() -> None:
    hands = Hands()
    older = hands.guard.arm()
    hands.guard.arm()
    hands.guard.painted(older)
    assert hands.press("a", after=5) == "1 key dropped: new thread"


def test_what_is_said_is_what_came_and_a_new_thread_before_all() -> None:
    hands = Hands()
    hands.guard.painted(hands.guard.arm(CLOSED))
    assert hands.press("a", after=0.1) == "1 key dropped: the box just closed"
    hands.guard.arm()
    hands.guard.painted(hands.guard.arm(CLOSED))
    assert hands.press("a", after=0.1) == "1 key dropped: new thread"
    hands.guard.painted(hands.guard.arm(OPENED))
    assert hands.press("a", after=0.1) == "1 key dropped: just opened"


def test_moving_keys_are_never_dropped_for_being_blind_or_held() -> None:
    hands = Hands()
    hands.guard.arm()
    assert [hands.press("j", acting=False, after=0.03) for _ in range(40)] == [""] * 40


def test_a_held_down_acting_key_acts_once() -> None:
    hands = Hands()
    said = [hands.press("a", after=0.03) for _ in range(5)]
    assert said[0] == ""
    assert said[1:] == [
        f"{n} {'key' if n == 1 else 'keys'} dropped: held down" for n in range(1, 5)
    ]


def test_two_different_acting_keys_in_quick_succession_both_count() -> None:
    hands = Hands()
    assert [hands.press("c"), hands.press("r", after=0.05)] == ["", ""]


def test_more_than_twelve_printable_keys_in_50_ms_are_a_paste() -> None:
    hands = Hands()
    said = [hands.press("q", acting=False, after=0.001) for _ in range(20)]
    assert said[:12] == [""] * 12
    assert all("a paste" in s for s in said[12:])
    assert hands.press("q", acting=False, after=0.2) == ""


def test_a_paste_that_already_waits_is_dropped_from_its_first_key() -> None:
    hands = Hands()
    assert hands.press("a", followed=30) == "1 key dropped: a paste"
    assert "a paste" in hands.press("x", after=0.01, followed=0)


def test_a_text_box_takes_everything() -> None:
    hands = Hands()
    hands.guard.arm()
    assert all(hands.press("a", after=0.001, in_text=True) == "" for _ in range(40))


def test_a_step_repeats_another_that_was_just_before_it() -> None:
    times = iter((5.0, 5.09, 5.18, 5.4))
    cadence = Cadence(lambda: next(times), within=0.1)
    assert [cadence.repeats() for _ in range(4)] == [False, True, True, False]


def test_a_paste_is_one_however_late_it_is_handled() -> None:
    now = [10.0]
    guard = BlindGuard(lambda: now[0])
    dropped = 0
    for number in range(30):
        # Read from the terminal within a millisecond, handled one by one behind slow work.
        dropped += bool(guard.admit(Press("x", True, True, False, 29 - number, now[0] - 9.999)))
        now[0] += 0.2
    assert dropped == 30
    assert not guard.admit(Press("x", True, True, False, 0, 0.0))


def test_keys_that_pile_up_behind_slow_work_are_no_paste() -> None:
    now = [10.0]
    guard, arrivals = BlindGuard(lambda: now[0]), Arrivals()
    times = [10.0 + 0.025 * number for number in range(40)]
    for at in times:
        arrivals.came(at)
    now[0] = 12.0
    said = [
        guard.admit(Press("j", False, True, False, arrivals.followers(at), now[0] - at))
        for at in times
    ]
    assert said == [""] * 40


def test_keys_that_came_together_follow_each_other() -> None:
    arrivals = Arrivals()
    for at in (1.0, 1.0, 1.0, 1.04, 1.2):
        arrivals.came(at)
    assert [arrivals.followers(at) for at in (1.0, 1.0, 1.0, 1.04, 1.2)] == [3, 2, 1, 0, 0]


def test_of_very_many_followers_no_more_are_looked_at_than_make_a_paste() -> None:
    arrivals = Arrivals()
    for _ in range(1000):
        arrivals.came(1.0)
    assert arrivals.followers(1.0) == BURST


def test_what_came_later_shows_that_all_before_was_read() -> None:
    arrivals = Arrivals()
    assert not arrivals.later(1.0)
    arrivals.came(1.0)
    assert arrivals.later(1.0)
    assert not arrivals.later(1.02)


def test_a_key_that_was_never_looked_at_is_left_behind() -> None:
    arrivals = Arrivals()
    for at in (1.0, 1.01, 2.0, 2.01):
        arrivals.came(at)
    assert arrivals.followers(2.0) == 1
