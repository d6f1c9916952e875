"""One server of a kind for all interop tests; each test seeds a room of its own."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.interop.synapse import Scene, Synapse, running

_HERE = Path(__file__).parent
_SERVERS = ("ozone", "keyring")


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Let what uses one server run one after the other, and the servers side by side."""
    for item in items:
        if item.path.parent == _HERE:
            server = next((name for name in _SERVERS if name in item.path.stem), "synapse")
            item.add_marker(pytest.mark.xdist_group(server))


@pytest.fixture(scope="session")
def synapse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Synapse]:
    with running(tmp_path_factory.mktemp("synapse")) as server:
        yield server


@pytest.fixture
def scene(synapse: Synapse) -> Scene:
    return synapse.scene()
