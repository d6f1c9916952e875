from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.engine.rig import Rig
from tests.engine.scene import Scene, scene


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path) as opened:
        yield opened


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)
