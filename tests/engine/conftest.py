from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.engine.outbox_stage import Scripted, Stage, make_stage
from tests.engine.rig import Rig
from tests.engine.scene import Scene, scene
from tests.store.stage import HandClock


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path) as opened:
        yield opened


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    made = make_stage(tmp_path / "queue.db", HandClock(), Scripted())
    yield made
    await made.store.close()
