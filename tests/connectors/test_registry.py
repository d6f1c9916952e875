"""The registry: kinds by name, and nothing heavy imported to list them."""

import subprocess
import sys

import pytest

from modtui.connectors.registry import KINDS


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_has_its_schema_and_can_be_loaded(name: str) -> None:
    kind = KINDS[name]
    assert kind.schema.connector == name
    assert callable(kind.load())


def test_an_unknown_kind_is_a_key_error() -> None:
    assert "fidonet" not in KINDS
    assert set(KINDS) >= {"demo", "matrix", "webhook", "smtp"}


def test_schemas_import_without_an_http_client() -> None:
    program = (
        "import sys; from modtui.connectors.registry import KINDS;"
        "[KINDS[n].schema for n in KINDS];"
        "print(sorted({'httpx', 'msgspec', 'smtplib', 'textual'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
