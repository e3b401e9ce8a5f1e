"""Texts in the reader's language, quickly: a page asks for a hundred of them.

Flask-Babel finds domain, locale and catalogue anew for each text. Templates get the same texts from here with one look
at the locale; and pieces of the frame that are the same on every page are kept as they were rendered.
"""

import re
from collections.abc import Callable
from typing import Any

from babel.support import NullTranslations
from flask import Flask, current_app, g
from flask_babel import get_locale, get_translations
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup, escape

ENGLISH, CHINESE = "en", "zh"
MOST_KEPT = 1_000
SLOT = re.compile("\x02([a-z_]+)\x03")
"""Where a value stands in a kept text; control characters never come from a form (web/parameters.py)."""


def language() -> str:
    """The reader's language: 'en' or 'zh'."""
    known = g.get("_flask_babel") if g else None  # where Flask-Babel keeps it; force_locale() changes it there
    locale = getattr(known, "babel_locale", None) or get_locale()
    return CHINESE if locale is not None and locale.language == CHINESE else ENGLISH


@pass_eval_context
def text(context: EvalContext, message: str, /, **values: Any) -> str:
    """A template's text: `_('Version %(n)s', n=3)`; what is put in is escaped."""
    catalogue: NullTranslations = kept(language(), get_translations)
    found = catalogue.gettext(message)
    if not context.autoescape:
        return found % values if values or "%" in found else found
    if values or "%" in found:
        found %= {name: value if isinstance(value, int) else escape(value) for name, value in values.items()}
    return Markup(found)  # noqa: S704 - the product's own words, around what was escaped


def plain(lazy: object) -> str:
    """A lazy text in the reader's language, translated once a language."""
    return str(kept((id(lazy), language()), lambda: (lazy, str(lazy)))[1])


def kept(key: Any, make: Callable[..., Any], *arguments: Any) -> Any:
    """What `make(*arguments)` gave for this key the last time; the key names everything it depends on."""
    if not current_app:
        return make(*arguments)
    shelf: dict[Any, Any] = current_app.extensions["kept"]
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
    around, names = kept(key, _around, make, arguments, tuple(values))
    found = [around[0]]
    for name, following in zip(names, around[1:], strict=True):
        found += (escape(values[name]), following)
    return Markup("".join(found))  # noqa: S704 - a rendered template around escaped values


def _around(
    make: Callable[..., str], arguments: tuple[Any, ...], names: tuple[str, ...]
) -> tuple[list[str], list[str]]:
    """The texts around the slots, and which value stands in each slot."""
    pieces = SLOT.split(str(make(*arguments, **{name: f"\x02{name}\x03" for name in names})))
    return pieces[::2], pieces[1::2]


def init_app(app: Flask) -> None:
    """Give templates `_`, `kept` and `filled`."""
    app.extensions["kept"] = {}
    app.jinja_env.globals.update(_=text, kept=kept, filled=filled)
