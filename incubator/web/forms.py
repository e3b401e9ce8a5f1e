"""The base class of every form, and fields that read what people type."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, Self, cast

from babel.numbers import NumberFormatError, parse_decimal
from babel.support import Translations
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from markupsafe import Markup, escape
from wtforms import DateField, StringField
from wtforms.i18n import messages_path
from wtforms.validators import ValidationError
from wtforms.widgets import Select

from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.core.money import MINOR_DIGITS
from incubator.core.transaction import undo
from incubator.web.language import kept, language

LARGEST = 18
"""Digits before the point (less one) that a number may have; `1e999999` is a number to Python."""
FIRST_DAY, LAST_DAY = dt.date(1900, 1, 1), dt.date(2999, 12, 31)
"""Days that people mean; those beyond overflow when months are added."""


def _words_of_wtforms() -> Any:
    return Translations.load(messages_path(), [str(get_locale() or "en_GB")], domain="wtforms")


class QuickSelect(Select):  # type: ignore[misc]
    """A list of choices whose options are written without asking for the attributes of each."""

    @classmethod
    def render_option(cls, choice: Any, **more: Any) -> Markup:
        """One option, as WTForms writes it."""
        if more or choice.render_kw:
            return cast(Markup, super().render_option(choice, **more))
        chosen, value = "selected " if choice.selected else "", escape(choice.value)
        return Markup(f'<option {chosen}value="{value}">{escape(choice.label or value)}</option>')  # noqa: S704 - escaped


SELECT = QuickSelect()


class Form(FlaskForm):  # type: ignore[misc]
    """A form whose values can be handed to a service function as keywords."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """The edge checks the CSRF token of every unsafe request (web/browser.py)."""

        csrf = False

        def get_translations(self, _form: object) -> Any:
            """WTForms' own words in the reader's language, read from their file once a language."""
            return kept(("wtforms", language()), _words_of_wtforms)

        def render_field(self, field: Any, render_kw: dict[str, Any]) -> Any:
            """A field's control; the options of a plain list of choices, which may be hundreds, at once."""
            if type(field.widget) is Select and not field.widget.multiple:
                field.widget = SELECT
            return super().render_field(field, render_kw)

    @property
    def values(self) -> dict[str, Any]:
        """The fields' values by name."""
        return dict(self.data)

    def within(self, place: str) -> Self:
        """The form with ids of its own, for a page that has several with a field of the same name; a form in a dialog
        is given to `ui.confirm(…, form=…)`, which opens again when it was refused."""
        for field in self:
            field.id = f"{place}-{field.id}"
        return self

    @property
    def status(self) -> int:
        """200 for a fresh form, 422 for a rejected one (which rolls back)."""
        return 422 if self.is_submitted() else 200

    def accepts(self, call: Callable[[], Any]) -> bool:
        """Run a service; when it refuses, nothing of what it did stays. When it finds the input invalid, put its words
        at the field and answer False."""
        try:
            call()
            db.session.flush()
        except Invalid as refusal:
            undo()
            field = self._fields.get(refusal.field) if refusal.field else None
            if field is None:
                self.form_errors.append(refusal.message)
            else:
                field.errors = [*field.errors, refusal.message]
            return False
        except Exception:
            undo()
            raise
        return True


class AmountField(StringField):  # type: ignore[misc]
    """An amount of money typed in the reader's way; data is an integer in minor units."""

    def __init__(self, label: object = None, validators: Any = None, currency: str = "CNY", **kwargs: Any) -> None:
        super().__init__(label, validators, **kwargs)
        self.digits = MINOR_DIGITS[currency]

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{Decimal(self.data).scaleb(-self.digits):,.{self.digits}f}"

    def process_formdata(self, valuelist: list[str]) -> None:
        """Parse strictly: '1,20' is refused, not read as 120."""
        self.data = None
        if valuelist and valuelist[0].strip():
            minor = read_decimal(valuelist[0], _l("Enter an amount, such as 1,200.50")).scaleb(self.digits)
            if minor != minor.to_integral_value() or abs(minor) >= 10**15:
                raise ValueError(
                    str(_l("Enter an amount with at most %(n)s decimals, such as 1,200.50", n=self.digits))
                )
            self.data = int(minor)


class PercentField(StringField):  # type: ignore[misc]
    """A percentage with at most two decimals; data is an integer in basis points."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{Decimal(self.data) / 100:.2f}"

    def process_formdata(self, valuelist: list[str]) -> None:
        """Parse strictly; a trailing per cent sign is fine."""
        self.data = None
        if valuelist and valuelist[0].strip():
            words = _l("Enter a percentage between 0 and 100 with at most two decimals, such as 33.34")
            points = read_decimal(valuelist[0].strip().rstrip("%％"), words).scaleb(2)
            if points != points.to_integral_value() or not 0 <= points <= 10_000:
                raise ValueError(str(words))
            self.data = int(points)


class WholeNumberField(StringField):  # type: ignore[misc]
    """A whole number typed with or without separators; data is an integer."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data:,}"

    def process_formdata(self, valuelist: list[str]) -> None:
        """Parse strictly; a fraction is refused."""
        self.data = None
        if valuelist and valuelist[0].strip():
            words = _l("Enter a whole number, such as 1,200")
            number = read_decimal(valuelist[0], words)
            if number != number.to_integral_value() or abs(number) >= 10**15:
                raise ValueError(str(words))
            self.data = int(number)


class UploadField(FileField):  # type: ignore[misc]
    """A file that a person chooses; data is its stream with a `filename`, None when none was chosen.

    The template shows it with `ui.upload(f, accept, max_mb)` in a form with `multipart`; the service is files.keep,
    whose refusals belong to the field named 'file'.
    """


class DayField(DateField):  # type: ignore[misc]
    """A day between FIRST_DAY and LAST_DAY."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Parse YYYY-MM-DD."""
        super().process_formdata(valuelist)
        check_day(self)


def check_day(field: Any) -> None:
    """Raises ValueError for a day out of range, and forgets it."""
    if field.data is not None and not FIRST_DAY <= field.data <= LAST_DAY:
        field.data = None
        raise ValueError(str(_l("Enter a day between 1900 and 2999, such as 2026-11-24")))


def read_decimal(text: str, words: object) -> Decimal:
    """Read a number as the reader's locale writes it. Raises ValueError with `words`."""
    try:
        number = parse_decimal(text.strip().replace("，", ","), locale=get_locale() or "en_GB", strict=True)
    except (NumberFormatError, InvalidOperation) as error:
        raise ValueError(str(words)) from error
    if not number.is_finite() or number.adjusted() > LARGEST:
        raise ValueError(str(words))
    return Decimal(number)


class Required:
    """Something must be there; zero counts as something."""

    field_flags = {"required": True}

    def __init__(self, message: object) -> None:
        self.message = message

    def __call__(self, _form: object, field: Any) -> None:
        """Raise ValidationError when the field is empty, unless it has said what is wrong already."""
        if not field.errors and (field.data is None or (isinstance(field.data, str) and not field.data.strip())):
            raise ValidationError(str(self.message))
