"""Five hundred faults of a labeler's answers."""

from __future__ import annotations

from tests.connectors.fakeozone import FakeOzone
from tests.connectors.faults import LOCAL, FaultContract
from tests.connectors.test_ozone import Labeler


class TestFaults(FaultContract):
    endpoints = (
        "queryStatuses", "queryEvents", "getRecords", "queryReports", "createSession", "xrpc",
    )  # fmt: skip

    def stage(self) -> Labeler:
        return Labeler(FakeOzone(url=LOCAL))
