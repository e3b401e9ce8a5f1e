"""What people write, as safe HTML: one renderer for the page, the preview and the letter."""

from functools import lru_cache

import nh3
from flask import Flask
from markdown_it import MarkdownIt
from markupsafe import Markup

TAGS = {
    "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}
LOWEST = 4
"""A heading in a text stands below the page's own: # becomes h2, and so on to h4."""


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table").disable("image")
    parser.core.ruler.push("lower_headings", _lower_headings)
    return parser


def _lower_headings(state: object) -> None:
    for token in state.tokens:  # type: ignore[attr-defined]
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1]) + 1, LOWEST)}"


_markdown = _parser()


@lru_cache(maxsize=500)
def render(text: str | None) -> Markup:
    """Markdown (CommonMark with tables; no HTML, no images) as HTML that holds nothing but TAGS.

    Links open what they name and tell it nothing: rel="noopener noreferrer nofollow".
    """
    html = nh3.clean(
        _markdown.render(text or ""),
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )
    return Markup(html)  # noqa: S704 - nh3 has cleaned it


def init_app(app: Flask) -> None:
    """Give templates the filter `markdown`."""
    app.jinja_env.filters["markdown"] = render
