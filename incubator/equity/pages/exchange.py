"""What the page of a file that comes in shows."""

from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from incubator.equity.models import Instrument, OcfImport
from incubator.equity.words import INSTRUMENTS, KEPT

NONE, UNCOMPUTED = "the register has no ", "its vesting cannot be computed: "


def import_page(found: OcfImport) -> dict[str, Any]:
    """The difference in words: what each would hold more or less, and why what is only kept is kept."""
    said = found.difference
    holdings = [
        (holder, stock_class, INSTRUMENTS[Instrument(instrument)], f"{Decimal(units):+,f}")
        for holder, stock_class, instrument, units in said.get("holdings", ())
    ]
    return {"holdings": holdings, "beside": [(kept_words(why), n) for why, n in said["kept"].items()]}


def kept_words(why: str) -> str:
    """Why an object is kept, in the reader's language (engines/ocf says it in English, with names in it)."""
    if why in KEPT:
        return str(KEPT[why])
    if why.startswith(NONE):
        return str(_("the register has no %(what)s", what=why.removeprefix(NONE)))
    if why.startswith(UNCOMPUTED):
        return str(_("its vesting cannot be computed: %(what)s", what=why.removeprefix(UNCOMPUTED)))
    return why
