"""The official description of an API (OpenAPI), for checking what a connector writes against it."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.connectors.platform import Call


class Description:
    """One official description, from the folder that MODTUI_API_SPECS names."""

    def __init__(self, name: str) -> None:
        folder = os.environ.get("MODTUI_API_SPECS")
        if not folder:
            pytest.skip("MODTUI_API_SPECS does not name a folder with the official descriptions")
        self._paths: dict[str, Any] = json.loads((Path(folder) / name).read_text())["paths"]

    def operation(self, call: Call) -> dict[str, Any] | None:
        """Return what is described for a request, None where it is not."""
        for template, methods in self._paths.items():
            if re.fullmatch(re.sub(r"\{[^}]*\}", "[^/]+", template), call.path):
                found: dict[str, Any] | None = methods.get(call.method.lower())
                if found is not None:
                    return found
        return None

    def check(self, call: Call, beside: tuple[str, ...] = ()) -> bool:
        """Check a request's body; `beside` are fields known from elsewhere. Return whether it is
        described. Raises jsonschema.ValidationError."""
        found = self.operation(call)
        if found is None:
            return False
        content = found.get("requestBody", {}).get("content", {})
        if call.body is None:
            return True
        schema = content["application/json"]["schema"]
        body = {name: value for name, value in call.body.items() if name not in beside}
        jsonschema.validate(body, schema)
        return True
