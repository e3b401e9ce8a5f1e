"""Building a form: sections and questions put in, taken out and moved; each answer is a new template."""

import re
import unicodedata
from collections.abc import Callable

from incubator.calls.templates import FieldSpec, FormTemplate, Section, Words

LONGEST_KEY = 40


def key_for(label: str, taken: set[str]) -> str:
    """A key from an English label that is not taken: lower-case letters, figures and underscores."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[: LONGEST_KEY - 4]
    base = base if base[:1].isalpha() else f"q_{base}".rstrip("_")
    key, number = base, 2
    while key in taken:
        key, number = f"{base}_{number}", number + 1
    return key


def with_section(form: FormTemplate, title: Words) -> FormTemplate:
    """The form with a new last section."""
    key = key_for(title.en, {section.key for section in form.sections})
    return FormTemplate(sections=(*form.sections, Section(key=key, title=title, fields=())))


def with_field(form: FormTemplate, section: str, spec: FieldSpec) -> FormTemplate:
    """The form with a question at the end of a section. Raises KeyError for a section that is not there."""
    if section not in {one.key for one in form.sections}:
        raise KeyError(section)
    return _mapped(form, lambda one: (*one.fields, spec) if one.key == section else one.fields)


def replaced(form: FormTemplate, key: str, section: str, spec: FieldSpec) -> FormTemplate:
    """The form with another question in the place of the one of this key; in another section it comes last.

    Raises KeyError for a section that is not there.
    """
    home = next((one.key for one in form.sections for field in one.fields if field.key == key), None)
    if home != section:
        return with_field(without(form, key), section, spec)
    return _mapped(form, lambda one: tuple(spec if field.key == key else field for field in one.fields))


def without(form: FormTemplate, key: str) -> FormTemplate:
    """The form without a question of this key."""
    return _mapped(form, lambda one: tuple(spec for spec in one.fields if spec.key != key))


def without_section(form: FormTemplate, key: str) -> FormTemplate:
    """The form without a section and its questions."""
    return FormTemplate(sections=tuple(one for one in form.sections if one.key != key))


def section_raised(form: FormTemplate, key: str) -> FormTemplate:
    """The form with a section one place higher; the first stays."""
    sections = list(form.sections)
    place = next((n for n, one in enumerate(sections) if one.key == key), 0)
    if place:
        sections[place - 1 : place + 1] = [sections[place], sections[place - 1]]
    return FormTemplate(sections=tuple(sections))


def renamed(form: FormTemplate, key: str, title: Words) -> FormTemplate:
    """The form with another title of a section."""
    given = {"title": title}
    return FormTemplate(
        sections=tuple(one.model_copy(update=given) if one.key == key else one for one in form.sections)
    )


def raised(form: FormTemplate, key: str) -> FormTemplate:
    """The form with a question one place higher in its section; the first stays."""
    return _mapped(form, lambda one: _raised(one.fields, key))


def _raised(fields: tuple[FieldSpec, ...], key: str) -> tuple[FieldSpec, ...]:
    place = next((n for n, spec in enumerate(fields) if spec.key == key), 0)
    if place == 0:
        return fields
    before, spec, after = fields[: place - 1], fields[place], fields[place + 1 :]
    return (*before, spec, fields[place - 1], *after)


def _mapped(form: FormTemplate, change: Callable[[Section], tuple[FieldSpec, ...]]) -> FormTemplate:
    return FormTemplate(sections=tuple(one.model_copy(update={"fields": change(one)}) for one in form.sections))
