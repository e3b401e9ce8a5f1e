"""What in an SVG drawing acts by itself or reaches elsewhere."""

import re
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from incubator.files.engines.faults import Fault, FaultError

ACTING = {"script", "foreignobject", "iframe", "embed", "object", "handler", "listener"}
HARMLESS = re.compile(r"^(#|data:image/(png|jpeg|gif|webp);base64,)", re.IGNORECASE)
REACHES = re.compile(r"@import|url\(\s*['\"]?\s*(?!['\"]?#)", re.IGNORECASE)
MOST_ELEMENTS = 200_000


def check_svg(data: bytes) -> None:
    """Raises FaultError for a drawing with scripts, handlers, mark-up within, or links to elsewhere."""
    try:
        root = fromstring(data, forbid_dtd=False)
    except DefusedXmlException as error:
        raise FaultError(Fault.SCRIPT) from error
    except (ParseError, ValueError) as error:
        raise FaultError(Fault.DAMAGED) from error
    if _name(root.tag) != "svg":
        raise FaultError(Fault.UNKNOWN)
    for count, element in enumerate(root.iter()):
        if count > MOST_ELEMENTS:
            raise FaultError(Fault.TOO_MANY)
        _check_element(element)


def _name(tag: object) -> str:
    return str(tag).rsplit("}", 1)[-1].lower()


def _check_element(element: Element) -> None:
    if _name(element.tag) in ACTING:
        raise FaultError(Fault.SCRIPT)
    if _name(element.tag) == "style" and REACHES.search(element.text or ""):
        raise FaultError(Fault.REMOTE)
    for attribute, value in element.attrib.items():
        name = _name(attribute)
        if name.startswith("on") or "javascript:" in re.sub(r"\s", "", value).lower():
            raise FaultError(Fault.SCRIPT)
        if (name in {"href", "src"} and not HARMLESS.match(value.strip())) or REACHES.search(value):
            raise FaultError(Fault.REMOTE)
