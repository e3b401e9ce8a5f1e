"""What the page of a file that comes in shows."""

from collections.abc import Sequence
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
    sizes = [(_("Units authorised"), _("Class"), _changed(said.get("sizes", ()))),
             (_("Units in the pool"), _("Plan"), _changed(said.get("pools", ())))]  # fmt: skip
    return {"holdings": holdings, "sizes": sizes, "beside": [(kept_words(why), n) for why, n in said["kept"].items()]}


def _changed(lines: Sequence[Sequence[str]]) -> list[tuple[str, str, str]]:
    """Name, and the units now and then, of what has another size once the file is in."""
    return [(name, f"{Decimal(now):,f}" if now else "–", f"{Decimal(then):,f}") for name, now, then in lines]


def kept_words(why: str) -> str:
    """Why an object is kept, in the reader's language (engines/ocf says it in English, with names in it)."""
    if why in KEPT:
        return str(KEPT[why])
    if why.startswith(NONE):
        return str(_("the register has no %(what)s", what=why.removeprefix(NONE)))
    if why.startswith(UNCOMPUTED):
        return str(_("its vesting cannot be computed: %(what)s", what=why.removeprefix(UNCOMPUTED)))
    return why
