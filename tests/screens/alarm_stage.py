"""What there is to ring for, as a test says."""

from __future__ import annotations

from dataclasses import dataclass, field

from modtui.domain.views import Alarms


@dataclass
class FakeAlarms:
    """An `AlarmBook` that tells what it was given."""

    told: Alarms = field(default_factory=Alarms)

    async def read(self) -> Alarms:
        return self.told
