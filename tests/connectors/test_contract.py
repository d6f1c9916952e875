"""The contract, on the three pretend platforms."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from modtui.connectors import Unknown
from modtui.connectors.demo.connector import Demo
from modtui.connectors.demo.world import World
from modtui.domain.commands import Reply, Sanction, SanctionKind
from tests.connectors.contract import ConnectorContract, Line
from tests.connectors.hand import NOON, HandClock, opening
from tests.connectors.outcomes import OutcomeContract


@dataclass
class Pretended:
    """The far end of a demo: the community that it plays."""

    demo: Demo
    acts: int = 0

    def state(self) -> object:
        world = self.demo._world
        assert world is not None
        courses = {
            subject: (
                course.hidden.copy(),
                course.approved,
                bool(course.locked),
                course.silence,
                course.tags,
                course.score,
                course.kept,
            )
            for subject, course in world._courses.items()
        }
        places = {
            key: (place.restriction and (place.restriction.kind, place.restriction.seconds))
            for key, place in world.channels.items()
        }
        return courses, places, list(world.staff), dict(world.muted), self._written()

    def _written(self) -> Counter[str]:
        """What can be done once too often: each word to somebody."""
        said = [
            repr(done.command)
            for done in self.demo._log
            if isinstance(done.command, Reply)
            or (isinstance(done.command, Sanction) and done.command.sanction is SanctionKind.WARN)
        ]
        return Counter(said)

    def lose(self, number: int, *, done: bool) -> None:
        self.acts = 0

        def fault(world: World, key: str) -> bool:
            self.acts += 1
            if self.acts == number + 1 and not done:
                raise Unknown("the demo did not answer")
            return self.acts == number + 1

        self.demo._fault = fault  # type: ignore[method-assign]

    def heal(self) -> None:
        self.lose(-1, done=True)


async def demo_line(profile: str, subject: str) -> Line:
    demo = Demo(HandClock().environment(profile=profile))
    reading = await opening(demo.updates(None))
    return Line(demo, reading.batches, subject, NOON, far=Pretended(demo))


class TestForum(OutcomeContract, ConnectorContract):
    kind = "demo"

    async def fresh(self) -> Line:
        return await demo_line("forum", "t6")


class TestChat(OutcomeContract, ConnectorContract):
    kind = "demo"

    async def fresh(self) -> Line:
        return await demo_line("chat", "t4")


class TestSocial(OutcomeContract, ConnectorContract):
    kind = "demo"

    async def fresh(self) -> Line:
        return await demo_line("social", "t7")
