"""Five hundred faults of a labeler's answers."""

from __future__ import annotations

from tests.connectors.fakeozone import FakeOzone
from tests.connectors.faults import LOCAL, FaultContract, Kept
from tests.connectors.test_ozone import Labeler


class TestFaults(FaultContract):
    kind = "ozone"
    endpoints = (
        "queryStatuses", "queryEvents", "getRecords", "queryReports", "createSession", "xrpc",
    )  # fmt: skip

    def stage(self) -> Labeler:
        return Labeler(FakeOzone(url=LOCAL))

    def check(self, kept: Kept, first: Kept, last: str) -> None:
        # A whole answer without events cannot be told from the truth: such a subject bears a flag
        # of its own until it is told anew.
        odd = kept.open - first.open
        assert {key for _, key in odd} <= {"review"}
        assert kept.subjects == first.subjects
        assert len(kept.open) == len(first.open)
