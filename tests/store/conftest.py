from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from modtui.store import Store
from tests.store.stage import ENGINES, HandClock, Shelf


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture(params=ENGINES)
async def shelf(
    request: pytest.FixtureRequest, tmp_path: Path, clock: HandClock
) -> AsyncIterator[Shelf]:
    shelf = Shelf(request.param, tmp_path, clock)
    yield shelf
    await shelf.close()


@pytest.fixture
def store(shelf: Shelf) -> Store:
    return shelf.open()
