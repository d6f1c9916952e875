"""demo: a pretend community in process, seeded and deterministic. Nothing here is heavy."""

from __future__ import annotations

from collections.abc import Mapping

from modtui.connectors import Schema, Setting

PROFILES = ("forum", "chat", "social")
SCENES = ("mixed", "questions", "pile-on")

SCHEMA = Schema(
    connector="demo",
    settings=(
        Setting(
            "profile",
            "choice",
            choices=PROFILES,
            default="forum",
            help="which pretend platform: they differ in what they can do",
        ),
        Setting(
            "scene",
            "choice",
            choices=SCENES,
            default="mixed",
            help="what happens there: a bit of everything, routine questions that one answer ends,"
            " or a pile-on among the rest",
        ),
        Setting("seed", "number", default=1, help="the same seed gives the same community"),
        Setting("threads", "number", default=14, help="flagged threads of this account at start"),
        Setting("rate", "number", default=4, help="new happenings a minute on this account"),
        Setting("faults", "number", default=0, help="share of deliveries that fail, 0 to 1"),
    ),
    needs_url=False,
    about="a pretend community on this machine",
)


def community(threads: int, rate: float, seed: int) -> Mapping[str, Mapping[str, object]]:
    """Return the settings of one account per profile, sharing `threads` and `rate` (a minute)."""
    return {
        profile: {
            "profile": profile,
            "scene": SCENES[0],
            "seed": seed,
            "threads": (threads + len(PROFILES) - 1 - index) // len(PROFILES),
            "rate": rate / len(PROFILES),
            "faults": 0,
        }
        for index, profile in enumerate(PROFILES)
    }
