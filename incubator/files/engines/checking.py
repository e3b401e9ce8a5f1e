"""Whether a file may be kept."""

from collections.abc import Callable, Collection

from incubator.files.engines.archives import check_archive
from incubator.files.engines.faults import Fault, FaultError
from incubator.files.engines.kinds import Kind, kind_of
from incubator.files.engines.pdf import check_pdf
from incubator.files.engines.svg import check_svg

OFFICE = frozenset({Kind.DOCX, Kind.XLSX, Kind.PPTX, Kind.ODT, Kind.ODS, Kind.ODP})
IMAGES = frozenset({Kind.PNG, Kind.JPEG, Kind.GIF, Kind.WEBP, Kind.SVG})
DOCUMENTS = OFFICE | IMAGES | {Kind.PDF, Kind.TEXT}
CHECKS: dict[Kind, Callable[[bytes], None]] = {
    Kind.PDF: check_pdf,
    Kind.SVG: check_svg,
    **dict.fromkeys(OFFICE, check_archive),
}


def check(data: bytes, accept: Collection[Kind] = DOCUMENTS, largest: int | None = None) -> Kind:
    """The kind of a file that may be kept. Raises FaultError with the reason for any other.

    largest: in bytes.
    """
    if not data:
        raise FaultError(Fault.EMPTY)
    if largest is not None and len(data) > largest:
        raise FaultError(Fault.LARGE)
    kind = kind_of(data)
    if kind is Kind.OLD_OFFICE:
        raise FaultError(Fault.OLD_OFFICE)
    if kind is Kind.UNKNOWN:
        raise FaultError(Fault.UNKNOWN)
    if kind not in accept:
        raise FaultError(Fault.NOT_ACCEPTED)
    if kind in CHECKS:
        CHECKS[kind](data)
    return kind
