"""Texts in the reader's language, quickly: a page asks for a hundred of them.

Flask-Babel finds domain, locale and catalogue anew for each text. Templates get the same texts from here with one look
at the locale; and pieces of the frame that are the same on every page are kept as they were rendered.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias, TypeVar

from babel.support import NullTranslations
from flask import Flask, current_app
from flask.globals import _cv_app
from flask_babel import get_locale, get_translations
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup, escape

ENGLISH, CHINESE = "en", "zh"
MOST_KEPT = 1_000
MOST_ROWS = 4_000
"""Rows kept of one table: twice the largest that is shown on one page."""
T = TypeVar("T")
Line: TypeAlias = tuple[tuple[Any, ...], tuple[object, ...]]
"""A row of a table: its look and its values."""
_texts: dict[tuple[str, str], tuple[str, Markup | None]] = {}
"""Messages as templates have asked for them; there are as many as the templates have."""
SLOT = re.compile("\x02([a-z0-9_]+)\x03")
"""Where a value stands in a kept text; control characters never come from a form (web/parameters.py)."""


def settled() -> Any:
    """Where Flask-Babel keeps this request's language (`babel_locale`) and zone (`babel_tzinfo`), None before it has
    settled them; force_locale() changes them there. Asked for so often that no proxy stands in between."""
    context = _cv_app.get(None)
    return context.g.get("_flask_babel") if context is not None else None


def language() -> str:
    """The reader's language: 'en' or 'zh'."""
    locale = getattr(settled(), "babel_locale", None) or get_locale()
    return CHINESE if locale is not None and locale.language == CHINESE else ENGLISH


@pass_eval_context
def text(context: EvalContext, message: str, /, **values: Any) -> str:
    """A template's text: `_('Version %(n)s', n=3)`; what is put in is escaped."""
    asked = (language(), message)
    found, whole = _texts.get(asked) or _translated(asked)
    if whole is not None and not values:
        return whole if context.autoescape else found
    if context.autoescape:
        values = {name: value if isinstance(value, int) else escape(value) for name, value in values.items()}
        return Markup(found % values)  # noqa: S704 - the product's own words, around what was escaped
    return found % values


def _translated(asked: tuple[str, str]) -> tuple[str, Markup | None]:
    """A message in a language, and the same for a page where nothing is to be put into it; kept for good."""
    lang, message = asked
    catalogue: NullTranslations = kept(lang, get_translations)
    found = catalogue.gettext(message)
    # a translation may say 95% where its message says "95 of 100": nothing is to be put into it
    made = found, None if "%" in message else Markup(found)  # noqa: S704 - the product's own words
    if current_app:
        _texts[asked] = made
    return made


def plain(lazy: object) -> str:
    """A lazy text in the reader's language, translated once a language."""
    return str(kept((id(lazy), language()), lambda: (lazy, str(lazy)))[1])


def kept(key: Any, make: Callable[..., Any], *arguments: Any) -> Any:
    """What `make(*arguments)` gave for this key the last time; the key names everything it depends on."""
    context = _cv_app.get(None)
    if context is None:
        return make(*arguments)
    shelf: dict[Any, Any] = context.app.extensions["kept"]
    try:
        return shelf[key]
    except KeyError:
        if len(shelf) >= MOST_KEPT:
            shelf.clear()
        return shelf.setdefault(key, make(*arguments))


def filled(key: Any, make: Callable[..., str], *arguments: Any, **values: object) -> Markup:
    """What `make(*arguments, **values)` writes, from the kept text around the values.

    make: a macro that only prints its keyword values, and decides nothing by them; key: as for `kept`.
    """
    text: str = kept(key, _around, make, arguments, tuple(values))
    return Markup(text.format(**{name: escape(value) for name, value in values.items()}))  # noqa: S704 - escaped


def lines(
    key: str, make: Callable[..., str], names: tuple[str, ...], rows: Iterable[Line], most: int = MOST_KEPT
) -> Markup:
    """The rows of a long table, each from the kept text around its values: a hundred times what a macro a row does.

    rows: (look, values). look: the macro's arguments, all that its text depends on but for the values; values: texts in
    the order of `names`, what people wrote already escaped; further ones are called more_0, more_1… most: looks kept.
    """
    looks: dict[Any, str] = kept(("lines", key, language()), dict)
    found = []
    for look, values in rows:
        text = looks.get(look)
        if text is None:
            if len(looks) >= most:
                looks.clear()
            more = tuple(f"more_{n}" for n in range(len(values) - len(names)))
            text = looks[look] = _around(make, look, names + more, numbered=True)
        found.append(text.format(*values))
    return Markup("".join(found))  # noqa: S704 - rendered templates around escaped values


def drawn_before(
    key: Any, rows: Iterable[T], content: Callable[[T], Any], draw: Callable[[T], tuple[str, ...]]
) -> list[tuple[str, ...]]:
    """The texts of rows as they were drawn when they last had this content; the others are drawn.

    key: all that their texts depend on but for the rows themselves (the language is added); content: all that a row
    shows, as plain values; draw: what is drawn of a row, one text for each table in which it stands.
    """
    texts: dict[Any, tuple[str, ...]] = kept(("drawn", language(), key), dict)
    if len(texts) > MOST_ROWS:
        texts.clear()
    found = []
    for row in rows:
        shown = content(row)
        text = texts.get(shown)
        if text is None:
            text = texts[shown] = draw(row)
        found.append(text)
    return found


def _around(
    make: Callable[..., str], arguments: Iterable[Any], names: tuple[str, ...], *, numbered: bool = False
) -> str:
    """The text of a macro as a format string, with the names (or numbers) of its values in braces."""
    slots = {name: f"\x02{n if numbered else name}\x03" for n, name in enumerate(names)}
    text = str(make(*arguments, **slots)).replace("{", "{{").replace("}", "}}")
    return "".join(("", SLOT.sub(r"{\1}", text)))  # plain text, which takes values quicker than Markup does


def init_app(app: Flask) -> None:
    """Give templates `_`, `kept` and `filled`."""
    app.extensions["kept"] = {}
    app.jinja_env.globals.update(_=text, kept=kept, filled=filled)
