"""Checking objects by the format's own schemas, each by its object_type, formats of dates and the like included."""

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

SCHEMAS = Path(__file__).parent / "schemas.json"
MOST = 200
"""Faults listed of one file."""


@lru_cache(maxsize=1)
def _schemas() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(SCHEMAS.read_text(encoding="utf-8"))
    return found


@lru_cache(maxsize=1)
def object_types() -> dict[str, str]:
    """The address of the schema of every object type; an older name of a type has its successor's."""
    found: dict[str, str] = {}
    for schema in _schemas():
        if "/objects/" not in schema["$id"] or "/primitives/" in schema["$id"]:
            continue
        named = schema["properties"]["object_type"]
        for name in [named["const"]] if "const" in named else named["enum"]:
            found.setdefault(name, schema["$id"])
    return found


@lru_cache(maxsize=1)
def _registry() -> Any:
    from referencing import Registry, Resource

    return Registry().with_resources([(schema["$id"], Resource.from_contents(schema)) for schema in _schemas()])


@lru_cache(maxsize=128)
def _validator(address: str) -> Any:
    from jsonschema import Draft7Validator, FormatChecker

    return Draft7Validator({"$ref": address}, registry=_registry(), format_checker=FormatChecker())


def errors_of(items: Iterable[Any]) -> list[str]:
    """What is wrong with objects, as "<id>: <path>: <what>"; an empty list when all are valid."""
    found: list[str] = []
    for item in items:
        found += [f"{_called(item)}: {fault}" for fault in _faults(item)]
        if len(found) >= MOST:
            return found[:MOST]
    return found


def _faults(item: Any) -> list[str]:
    if not isinstance(item, Mapping):
        return ["not an object"]
    address = object_types().get(str(item.get("object_type")))
    if address is None:
        return [f"no such object_type: {str(item.get('object_type'))[:60]}"]
    errors = sorted(_validator(address).iter_errors(item), key=lambda error: list(map(str, error.absolute_path)))
    return ["/".join(map(str, error.absolute_path)) + f": {error.message[:200]}" for error in errors]


def _called(item: Any) -> str:
    return str(item.get("id"))[:60] if isinstance(item, Mapping) else "?"
