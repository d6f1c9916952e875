"""No connector goes without the suites: every kind that is registered passes each of them."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from modtui.connectors.registry import KINDS, OURS
from tests.connectors.contract import ConnectorContract
from tests.connectors.faults import FaultContract
from tests.connectors.outcomes import HttpOutcomeContract, OutcomeContract
from tests.connectors.wire import WireContract, WriteContract

NO_HTTP = {"demo", "smtp"}
"""The demo has no line, and mail is no HTTP."""


def covered(contract: type) -> set[str]:
    """Return the kinds for which the suite has a class of a contract."""
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        import_module(f"tests.connectors.{path.stem}")
    return {one.kind for one in _below(contract) if "kind" in vars(one)}


def _below(contract: type) -> Iterator[type]:
    for one in contract.__subclasses__():
        yield one
        yield from _below(one)


def reading() -> set[str]:
    return {name for name in OURS if not KINDS[name].schema.notify_only}


@pytest.mark.parametrize(
    ("contract", "kinds"),
    [
        (OutcomeContract, set(OURS)),
        (HttpOutcomeContract, set(OURS) - NO_HTTP),
        (ConnectorContract, reading()),
        (WriteContract, set(OURS) - NO_HTTP),
        (WireContract, reading() - NO_HTTP),
        (FaultContract, reading() - NO_HTTP),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_every_kind_passes_the_suites(contract: type, kinds: set[str]) -> None:
    assert kinds
    assert kinds - covered(contract) == set()
