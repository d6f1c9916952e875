"""A platform's official OpenAPI description, and whether a request keeps to it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

FOLDER = os.environ.get("MODTUI_API_SPECS")


def described(name: str) -> Described:
    """Return the description in file `name`; skip the test where there are none."""
    if not FOLDER:
        pytest.skip("MODTUI_API_SPECS names no folder with the official descriptions")
    return Described(json.loads((Path(FOLDER) / name).read_text(encoding="utf-8")))


class Described:
    """One OpenAPI 3.1 document."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self._paths = {
            re.compile("^" + re.sub(r"\\{[^}]+\\}", "[^/]+", re.escape(path)) + "$"): path
            for path in sorted(document["paths"], key=lambda one: one.count("{"))
        }

    def knows(self, method: str, path: str) -> bool:
        """Return whether a request is described."""
        return any(
            pattern.match(path) and method.lower() in self.document["paths"][template]
            for pattern, template in self._paths.items()
        )

    def operation(self, method: str, path: str) -> dict[str, Any]:
        """Return what is said of a request; it fails where there is no such one."""
        for pattern, template in self._paths.items():
            operations = self.document["paths"][template]
            if pattern.match(path) and method.lower() in operations:
                found: dict[str, Any] = operations[method.lower()]
                return found
        raise AssertionError(f"there is no {method} {path}")

    def check(self, method: str, path: str, body: Any) -> None:
        """Fail where a JSON body is not what is described, or holds what is not described."""
        said = self.operation(method, path).get("requestBody")
        if said is None:
            assert body is None, f"{method} {path} takes no body"
            return
        if body is None:
            assert not said.get("required"), f"{method} {path} needs a body"
            return
        schema = said["content"]["application/json"]["schema"]
        whole = {**_satisfiable(schema), "components": self.document.get("components", {})}
        Draft202012Validator(whole).validate(body)
        assert set(body) <= set(self.names(schema)), f"{method} {path}: {sorted(body)}"

    def parameters(self, method: str, path: str) -> set[str]:
        """Return the names of what may stand in the query."""
        listed = self.operation(method, path).get("parameters", ())
        return {one["name"] for one in listed if one["in"] == "query"}

    def names(self, schema: dict[str, Any]) -> Iterator[str]:
        """Yield every property that an object of `schema` may have."""
        if "$ref" in schema:
            target: Any = self.document
            for part in schema["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            yield from self.names(target)
        yield from schema.get("properties", ())
        for kind in ("anyOf", "oneOf", "allOf"):
            for one in schema.get(kind, ()):
                yield from self.names(one)


def _satisfiable(schema: Any) -> Any:
    """Return `schema` without an empty `enum` beside an `allOf` that says what is allowed: so
    Discord writes some, and nothing at all would keep to it."""
    if isinstance(schema, list):
        return [_satisfiable(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    idle = schema.get("enum") == [] and "allOf" in schema
    return {
        name: _satisfiable(one) for name, one in schema.items() if not (idle and name == "enum")
    }
