"""One server for all interop tests of a worker; each test seeds a room of its own."""

from collections.abc import Iterator

import pytest

from tests.interop.synapse import Scene, Synapse, running


@pytest.fixture(scope="session")
def synapse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Synapse]:
    with running(tmp_path_factory.mktemp("synapse")) as server:
        yield server


@pytest.fixture
def scene(synapse: Synapse) -> Scene:
    return synapse.scene()
