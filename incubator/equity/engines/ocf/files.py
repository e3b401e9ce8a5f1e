"""A cap table as files: a zip with a manifest and one file a kind of object, the same content the same bytes."""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

VERSION = "1.2.0"
MANIFEST = "Manifest.ocf.json"
FILES: dict[str, tuple[str, str, str]] = {
    "STAKEHOLDER": ("stakeholders_files", "OCF_STAKEHOLDERS_FILE", "Stakeholders.ocf.json"),
    "STOCK_CLASS": ("stock_classes_files", "OCF_STOCK_CLASSES_FILE", "StockClasses.ocf.json"),
    "STOCK_PLAN": ("stock_plans_files", "OCF_STOCK_PLANS_FILE", "StockPlans.ocf.json"),
    "STOCK_LEGEND_TEMPLATE": (
        "stock_legend_templates_files", "OCF_STOCK_LEGEND_TEMPLATES_FILE", "StockLegends.ocf.json",
    ),
    "VESTING_TERMS": ("vesting_terms_files", "OCF_VESTING_TERMS_FILE", "VestingTerms.ocf.json"),
    "VALUATION": ("valuations_files", "OCF_VALUATIONS_FILE", "Valuations.ocf.json"),
    "FINANCING": ("financings_files", "OCF_FINANCINGS_FILE", "Financings.ocf.json"),
    "DOCUMENT": ("documents_files", "OCF_DOCUMENTS_FILE", "Documents.ocf.json"),
    "TX": ("transactions_files", "OCF_TRANSACTIONS_FILE", "Transactions.ocf.json"),
}  # fmt: skip
"""Kinds of object: the manifest's list, the file's type and its name."""
LARGEST = 50 * 1024 * 1024
MOST_FILES = 200
LONG_AGO = (1980, 1, 1, 0, 0, 0)


class OcfFileError(ValueError):
    """Bytes that are no cap table of the format; the message says why."""


def kind_of(item: Mapping[str, Any]) -> str:
    """Which file an object stands in."""
    name = str(item["object_type"])
    return "TX" if name.startswith("TX_") else name


def pack(issuer: Mapping[str, Any], items: Sequence[Mapping[str, Any]], *, as_of: str, generated_at: str) -> bytes:
    """The zip of an issuer and its objects, in order of kind; the required files stand even when empty."""
    manifest: dict[str, Any] = {
        "ocf_version": VERSION, "file_type": "OCF_MANIFEST_FILE", "issuer": issuer, "as_of": as_of,
        "generated_at": generated_at,
    }  # fmt: skip
    parts: dict[str, bytes] = {}
    for kind, (listed, file_type, name) in FILES.items():
        own = [item for item in items if kind_of(item) == kind]
        data = _json({"file_type": file_type, "items": own})
        manifest[listed] = [{"filepath": f"./{name}", "md5": hashlib.md5(data, usedforsecurity=False).hexdigest()}]
        parts[name] = data
    parts[MANIFEST] = _json(manifest)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in sorted(parts.items()):
            entry = zipfile.ZipInfo(name, LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    return made.getvalue()


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode()


def unpack(data: bytes) -> list[dict[str, Any]]:
    """Every object of a zip of the format, or of one of its files alone, the issuer first.

    OcfFileError for what is neither, is too large unpacked, or whose file does not have the manifest's checksum.
    """
    if not data.startswith(b"PK\x03\x04"):
        return _items(data, "")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _of_archive(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise OcfFileError("this zip is damaged") from error


def _of_archive(archive: zipfile.ZipFile) -> list[dict[str, Any]]:
    entries = archive.infolist()
    if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > LARGEST:
        raise OcfFileError("this zip holds more than a cap table")
    named = {entry.filename.split("/")[-1]: entry for entry in entries}
    if MANIFEST not in named:
        raise OcfFileError("the manifest is missing: Manifest.ocf.json")
    manifest = _parsed(archive.read(named[MANIFEST]), MANIFEST)
    found = [manifest["issuer"]] if isinstance(manifest.get("issuer"), dict) else []
    for listed, _type, _name in FILES.values():
        for file in manifest.get(listed) or []:
            name = str(file.get("filepath", "")).split("/")[-1]
            if name not in named:
                raise OcfFileError(f"the manifest names a file that is missing: {name[:80]}")
            content = archive.read(named[name])
            if hashlib.md5(content, usedforsecurity=False).hexdigest() != file.get("md5"):
                raise OcfFileError(f"{name[:80]} is not the file of the manifest (md5)")
            found += _items(content, name)
    return found


def _items(data: bytes, name: str) -> list[dict[str, Any]]:
    content = _parsed(data, name)
    if content.get("file_type") == "OCF_MANIFEST_FILE" and isinstance(content.get("issuer"), dict):
        return [content["issuer"]]
    items = content.get("items")
    if not isinstance(items, list):
        raise OcfFileError("this is no file of the Open Cap Format: it has no list of items")
    return items


def _parsed(data: bytes, name: str) -> dict[str, Any]:
    try:
        content = json.loads(data.decode("utf-8-sig"), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise OcfFileError(f"{name or 'this file'} is no JSON") from error
    if not isinstance(content, dict):
        raise OcfFileError("this is no file of the Open Cap Format")
    return content


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number of JSON")
