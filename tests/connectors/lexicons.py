"""The official lexicons of Ozone, and whether a request keeps to them."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

FOLDER = os.environ.get("MODTUI_API_SPECS")
_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "string": str, "integer": int, "boolean": bool, "array": list, "object": dict,
    "unknown": (dict, str),
}  # fmt: skip
_FORMATS = {
    "did": r"did:[a-z]+:[A-Za-z0-9._:%-]+",
    "at-uri": r"at://\S+",
    "uri": r"[a-z][a-z+.-]*:\S+",
    "datetime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)",
}
# What the lexicons refer to outside their own family, by the fields that they name.
_OUTSIDE: Mapping[str, dict[str, Any]] = {
    "com.atproto.admin.defs#repoRef": {
        "type": "object", "required": ["did"],
        "properties": {"did": {"type": "string", "format": "did"}},
    },
    "com.atproto.repo.strongRef": {
        "type": "object", "required": ["uri", "cid"],
        "properties": {"uri": {"type": "string", "format": "at-uri"}, "cid": {"type": "string"}},
    },
}  # fmt: skip


def lexicons() -> Lexicons:
    """Return them; skip the test where there are none."""
    if not FOLDER:
        pytest.skip("MODTUI_API_SPECS names no folder with the official descriptions")
    return Lexicons(Path(FOLDER) / "ozone")


class Lexicons:
    """A folder with the lexicons tools.ozone.*, one file each."""

    def __init__(self, folder: Path) -> None:
        self._documents = {
            f"tools.ozone.{path.stem}": json.loads(path.read_text(encoding="utf-8"))
            for path in folder.glob("*.json")
        }

    def check_input(self, method: str, body: Any) -> None:
        """Fail where a procedure does not take `body`."""
        main = self._main(method, "procedure")
        self._value(main["input"]["schema"], body, method, method)

    def check_params(self, method: str, params: Mapping[str, list[str]]) -> None:
        """Fail where a query does not take these parameters; numbers are told as text."""
        told = self._main(method, "query").get("parameters", {"properties": {}})
        assert set(told.get("required", ())) <= set(params), f"{method}: {sorted(params)}"
        for name, texts in params.items():
            assert name in told["properties"], f"{method} takes no {name}"
            schema = told["properties"][name]
            many = schema["type"] == "array"
            assert many or len(texts) == 1, f"{method}: {name} twice"
            values = [_typed(schema["items"] if many else schema, text) for text in texts]
            self._value(schema, values if many else values[0], method, f"{method} {name}")

    def _main(self, method: str, kind: str) -> dict[str, Any]:
        assert method in self._documents, f"there is no {method}"
        main: dict[str, Any] = self._documents[method]["defs"]["main"]
        assert main["type"] == kind, f"{method} is a {main['type']}"
        return main

    def _ref(self, ref: str, home: str) -> tuple[dict[str, Any], str]:
        name, _, part = ref.partition("#")
        if ref in _OUTSIDE:
            return _OUTSIDE[ref], home
        name = name or home
        found: dict[str, Any] = self._documents[name]["defs"][part or "main"]
        return found, name

    def _value(self, schema: dict[str, Any], value: Any, home: str, where: str) -> None:
        if schema["type"] == "ref":
            schema, home = self._ref(schema["ref"], home)
        if schema["type"] == "union":
            refs = {f"{home}{ref}" if ref.startswith("#") else ref for ref in schema["refs"]}
            assert value["$type"] in refs, f"{where}: {value['$type']} is none of them"
            schema, home = self._ref(value["$type"], home)
        kind = _TYPES[schema["type"]]
        assert isinstance(value, kind), f"{where}: {value!r} is no {schema['type']}"
        assert schema["type"] != "integer" or not isinstance(value, bool), where
        if schema["type"] == "object":
            self._object(schema, value, home, where)
        elif schema["type"] == "array":
            assert len(value) <= schema.get("maxLength", len(value)), f"{where}: too many"
            for one in value:
                self._value(schema["items"], one, home, where)
        else:
            _plain(schema, value, where)

    def _object(self, schema: dict[str, Any], value: Any, home: str, where: str) -> None:
        known = schema.get("properties", {})
        assert set(schema.get("required", ())) <= set(value), f"{where}: {sorted(value)}"
        for name, inner in value.items():
            if name != "$type":
                assert name in known, f"{where} has no {name}"
                self._value(known[name], inner, home, f"{where} {name}")


def _plain(schema: dict[str, Any], value: Any, where: str) -> None:
    if schema["type"] == "integer":
        least, most = schema.get("minimum", value), schema.get("maximum", value)
        assert least <= value <= most, f"{where}: {value}"
    if "enum" in schema:
        assert value in schema["enum"], f"{where}: {value}"
    pattern = _FORMATS.get(schema.get("format", ""))
    if pattern:
        assert re.fullmatch(pattern, value), f"{where}: {value} is no {schema['format']}"


def _typed(schema: dict[str, Any], text: str) -> Any:
    match schema["type"]:
        case "integer":
            return int(text)
        case "boolean":
            return {"true": True, "false": False}[text]
    return text
