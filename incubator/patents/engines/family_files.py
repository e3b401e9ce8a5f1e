"""Patent families out of XML files: answers of the EPO's Open Patent Services, and bibliographic files like CNIPA's.

Read by the local names of their elements, which are those of WIPO Standards ST.36 (`application-reference`,
`document-id`, `doc-number`) and ST.96 (`ApplicationReference`, `DocumentID`, `DocNumber`); name spaces differ from
file to file. A file is parsed offline with defusedxml: entities, external references and DTDs are refused.
"""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from incubator.patents.engines.numbers import check_digit

OFFICES = {"CN": "CNIPA", "EP": "EPO", "US": "USPTO", "WO": "WIPO"}
GRANTS = {"CN": ("B", "C", "U", "Y", "S"), "EP": ("B",), "US": ("B", "S"), "WO": ()}
"""First letters of the kind codes of granted patents (WIPO ST.16)."""
MEMBERS = ("familymember", "cnpatentdocument", "patentdocument", "patentdocumentandrelated", "exchangedocument")
MOST = 500
"""Members that one file may have."""


class FamilyFileError(ValueError):
    """A file out of which no family can be read; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Document:
    """A number with its country, kind code and day, as the file has them; '' and None where it has none."""

    country: str
    number: str
    kind: str
    on: dt.date | None


@dataclass(frozen=True, slots=True)
class Member:
    """One application of a family with its publications, in the order of the file. office '': one we do not know."""

    office: str
    application: Document
    number: str
    publications: tuple[Document, ...]
    priorities: tuple[Document, ...]

    @property
    def published_on(self) -> dt.date | None:
        """The first day on which it was published."""
        return min((one.on for one in self.publications if one.on is not None), default=None)

    @property
    def granted_on(self) -> dt.date | None:
        """The day of its first publication as a granted patent."""
        grants = GRANTS.get(self.application.country, ())
        days = (one.on for one in self.publications if one.on is not None and one.kind[:1] in grants)
        return min(days, default=None)


def members(data: bytes) -> tuple[Member, ...]:
    """The applications in a file, publications of one application put together.

    FamilyFileError: 'xml' (damaged, or it asks for entities), 'empty' (no application in it), 'many'.
    """
    from defusedxml import ElementTree
    from defusedxml.common import DefusedXmlException

    try:
        root = ElementTree.fromstring(data, forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise FamilyFileError("xml") from error
    found: dict[tuple[str, str], Member] = {}
    for element in _elements(root):
        member = _member(element)
        if member is None:
            continue
        key = (member.application.country, member.number)
        found[key] = _joined(found[key], member) if key in found else member
        if len(found) > MOST:
            raise FamilyFileError("many")
    if not found:
        raise FamilyFileError("empty")
    return tuple(found.values())


def _name(element: Any) -> str:
    """The local name without case and hyphens, so that both standards read alike."""
    return re.sub(r"[^a-z]", "", str(element.tag).rsplit("}", 1)[-1].lower())


def _elements(root: Any) -> Iterator[Any]:
    """The outermost elements that stand for an application; the whole file when it stands for one."""
    if _name(root) in MEMBERS:
        yield root
        return
    for child in root:
        yield from _elements(child)


def _member(element: Any) -> Member | None:
    applications = list(_documents(element, "applicationreference"))
    if not applications:
        return None
    application = applications[0]
    publications = [*_documents(element, "publicationreference"), *_documents(element, "cnpublicationreference")]
    priorities = [*_documents(element, "priorityclaim"), *_documents(element, "priority")]
    country = "WO" if application.kind.startswith("W") else application.country
    number = _number(country, application)
    known = Document(country, application.number, application.kind, application.on)
    return Member(OFFICES.get(country, ""), known, number, tuple(publications), tuple(priorities))


def _joined(first: Member, second: Member) -> Member:
    more = tuple(one for one in second.publications if one not in first.publications)
    return Member(
        first.office, first.application, first.number, first.publications + more, first.priorities
    )  # fmt: skip


def _documents(element: Any, name: str) -> Iterator[Document]:
    """The documents under the elements of a name; of several writings of one, the DOCDB one or the first."""
    for reference in element.iter():
        if _name(reference) != name:
            continue
        ids = [child for child in reference.iter() if _name(child) == "documentid"] or [reference]
        chosen = next((one for one in ids if one.get("document-id-type") == "docdb"), ids[0])
        document = _document(chosen)
        if document is not None:
            yield document


def _document(element: Any) -> Document | None:
    told = {_name(child): (child.text or "").strip() for child in element.iter()}
    number = told.get("docnumber", "")
    country = (told.get("country") or told.get("wipostcode") or told.get("wipost") or number[:2]).upper()
    if not number:
        return None
    bare = number[2:] if number.upper().startswith(country) and not country.isdigit() else number
    return Document(country, bare, told.get("kind", "").upper(), _day(told.get("date", "")))


def _day(text: str) -> dt.date | None:
    """20171103 or 2017-11-03; None for what is no day."""
    digits = re.sub(r"[^0-9]", "", text)
    try:
        return dt.datetime.strptime(digits, "%Y%m%d").replace(tzinfo=dt.UTC).date() if len(digits) == 8 else None
    except ValueError:
        return None


def _number(country: str, document: Document) -> str:
    """The number as the office writes it: DOCDB leaves the Chinese check digit out and joins year and series."""
    bare = re.sub(r"[^0-9X.]", "", document.number.upper())
    if country == "CN" and len(bare) in {8, 12}:
        return f"{bare}.{check_digit(bare)}"
    if country == "US" and len(bare) == 12:
        return f"US{bare[4:6]}/{bare[6:]}"
    if country == "WO" and len(bare) == 10:
        return f"PCT/{document.country}{bare[:4]}/{bare[4:]}"
    return f"EP{bare}" if country == "EP" else document.number
