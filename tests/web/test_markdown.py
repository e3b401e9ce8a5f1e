"""What people write becomes safe HTML, and nothing else."""

import re

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from incubator.web.markdown import render


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**bold** and *so*", "<p><strong>bold</strong> and <em>so</em></p>\n"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
        ("3. c", '<ol start="3">\n<li>c</li>\n</ol>\n'),
        ("# Top\n\n#### Deep", "<h2>Top</h2>\n<h4>Deep</h4>\n"),
        ("Title\n---", "<h3>Title</h3>\n"),
        ("[a](https://example.com)", '<p><a href="https://example.com" rel="noopener noreferrer nofollow">a</a></p>\n'),
        ("| a | b |\n|---|---|\n| 1 | 2 |", None),
        ("中文**加粗**", "<p>中文<strong>加粗</strong></p>\n"),
        ("", ""),
        (None, ""),
    ],
)
def test_markdown_renders(text: str | None, html: str | None) -> None:
    rendered = str(render(text))
    assert rendered == html if html is not None else rendered.count("<td>") == 2


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![x](https://example.com/track.png)",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:msgbox)",
        "[x](&#106;avascript:alert(1))",
        '[x](https://example.com "onmouseover=alert(1)")',
        '<a href="https://example.com" onclick="alert(1)" style="position:fixed">x</a>',
        "<svg/onload=alert(1)>",
        "<iframe src=//example.com></iframe>",
        "<style>body{display:none}</style>",
        '<form action="/x"><input name="y"></form>',
        "`<script>`\n\n    <script>alert(1)</script>",
        "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
        "[x]: javascript:alert(1)\n\n[x]",
    ],
)
def test_nothing_active_gets_through(text: str) -> None:
    """Escaped text may say anything; a tag may not."""
    tags = re.findall(r"<[^>]*>", str(render(text)).lower())
    assert {re.match(r"</?(\w+)", tag)[1] for tag in tags} <= {"a", "p", "code", "pre"}
    for tag in tags:
        assert set(re.findall(r"\s([\w-]+)=", re.sub(r'"[^"]*"', '""', tag))) <= {"href", "title", "rel"}
        assert not re.search(r'href="\s*(?!https?:|mailto:)', tag)


@given(text=st.text(alphabet="<>/&;:()[]!\"'=#*`_-\n javscriptonlx0123456789", max_size=200))
def test_only_known_tags_come_out(text: str) -> None:
    html = str(render(text))
    tags = {piece.split(">")[0].split()[0].strip("/") for piece in html.split("<")[1:]}
    assert tags <= {
        "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre", "strong", "table",
        "tbody", "td", "th", "thead", "tr", "ul",
    }  # fmt: skip


def test_the_filter_is_there(parts_app: Flask) -> None:
    with parts_app.test_request_context("/"):
        assert str(parts_app.jinja_env.from_string("{{ '**a**'|markdown }}").render()) == "<p><strong>a</strong></p>\n"
