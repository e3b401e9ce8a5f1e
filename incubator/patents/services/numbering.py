"""Reading the numbers that offices give, in words that say what would be right."""

import datetime as dt
import re
import unicodedata

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.core import states
from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.patents.engines import numbers
from incubator.patents.models import Matter, Office


def read_number(matter: Matter, number: str, filed_on: dt.date) -> numbers.OfficeNumber:
    """The office's number: well formed, right check digit, of this kind and year, and nobody else's.

    Raises Invalid at number. A wrong check digit of the EPO is accepted (the page says so), as its lists have some.
    """
    try:
        read = numbers.office_number(matter.office, number)
    except numbers.NumberError as error:
        raise Invalid(put_right(matter.office, number), field="number") from error
    if read.kind is not None and read.kind != matter.kind:
        raise Invalid(
            _(
                "This number is of another kind: %(given)s. The matter is: %(kind)s.",
                given=states.word("patent_kind", read.kind),
                kind=states.word("patent_kind", matter.kind),
            ),
            field="number",
        )
    if matter.office == Office.CNIPA and read.year != filed_on.year:
        raise Invalid(
            _("This number is of %(year)s, the filing of %(filed)s.", year=read.year, filed=filed_on.year),
            field="number",
        )
    taken = select(Matter.id).where(
        Matter.office == matter.office, Matter.application_number == read.canonical, Matter.id != matter.id
    )
    if db.session.scalar(taken) is not None:
        raise Invalid(_("This number stands for another application already."), field="number")
    return read


def put_right(office: str, raw: str) -> str:
    """What is wrong with a number and, where only the check digit is, what would be right."""
    if office != Office.CNIPA:
        return str(_("Write the number like %(form)s.", form=numbers.FORMS.get(office, "12345678")))
    bare = re.sub(r"[^0-9X]", "", unicodedata.normalize("NFKC", raw).upper())
    digits, given = bare[:-1], bare[-1:]
    if len(bare) in {9, 13} and digits.isdigit() and numbers.check_digit(digits) != given:
        right = numbers.check_digit(digits)
        return str(
            _(
                "The check digit is wrong: %(given)s. With these digits it would be %(right)s, as in %(number)s; "
                "or one of the other digits is wrong.",
                given=given,
                right=right,
                number=f"{digits}.{right}",
            )
        )
    return str(_("Write the number like 201710601862.3, or like 95115608.X when it was filed before October 2003."))
