"""Every macro gives well-formed HTML without anything inline, escapes what people wrote, and says what it must."""

import datetime as dt
import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from wtforms import Form

from tests.web.html import problems

Render = Callable[..., str]
EVIL = "<img src=x onerror=alert(1)>\"'"
PIECES = {
    "icon": "{{ ui.icon('home') }}{{ ui.icon('x', 20, evil) }}",
    "button": "{{ ui.button(evil, 'pri', href=evil, ico='plus') }}{{ ui.button(evil, attrs={'aria-label': evil}) }}",
    "button with literal attributes": "{{ ui.button('Go', attrs='data-close') }}",
    "status": "{{ ui.status('proposal.draft') }}{{ ui.status('sandbox.active', evil) }}",
    "tag": "{{ ui.tag(evil, 'warn', 'clock') }}",
    "avatar": "{{ ui.avatar(evil, 'b2', 's') }}{{ ui.avatar('ZM') }}",
    "when": "{% for f in ['day', 'day_long', 'iso', 'time', 'time_left', ''] %}{{ ui.when(now, f) }}{% endfor %}",
    "amount": "{{ ui.amount(241234560) }}",
    "link": "{{ ui.link(evil, evil) }}",
    "post": "{{ ui.post(evil, '/x', 'dng', 'trash', {'name': evil}) }}",
    "page_head": "{{ ui.page_head(evil, 'proposal.draft', [evil, '2'], [(evil, '/'), ('b', none)], "
    "[ui.button('Go', href='/')], lang='zh-Hans') }}{{ ui.page_head('bare') }}",
    "stat": "{{ ui.stat(evil, evil, evil, evil, [1, 2, 3], evil) }}{{ ui.stat('a', 1) }}",
    "note": "{% for k in ['', 'good', 'warn', 'bad'] %}{{ ui.note(k, evil, actions=[ui.link('a', '/')]) }}{% endfor %}",
    "card": "{% call ui.card(evil, evil, evil, 'id', 'proposal.draft', 'cpu', kind='next') %}x{% endcall %}"
    "{% call ui.card('b', flush=True) %}<p>y</p>{% endcall %}",
    "kv": "{{ ui.kv([(evil, evil), ('none', none)]) }}",
    "timeline": "{{ ui.timeline([{'state': 'done', 'title': evil, 'when': evil, 'text': evil}, {'state': 'now', "
    "'title': 'b'}, {'state': 'warn', 'title': 'c'}, {'state': 'bad', 'title': 'd'}, {'state': 'todo', 'title': "
    "'e'}]) }}",
    "tabs": "{{ ui.tabs([('a', evil, evil, 5), ('b', 'B', '/b')], 'a') }}",
    "chips": "{{ ui.chips([('a', evil, evil, 1001), ('b', 'B', '/b')], 'a') }}",
    "seg": "{{ ui.seg([('a', evil, evil), ('b', 'B', '/b')], 'a', evil) }}",
    "steps": "{{ ui.steps([('a', evil, evil), ('b', 'B'), ('c', 'C'), ('d', 'D')], 'c') }}",
    "th": "<table><tr>{{ ui.th(evil, 'a', 'a') }}{{ ui.th('b', 'b', '-b', num=True) }}{{ ui.th('c', 'c') "
    "}}</tr></table>",
    "table": "{{ ui.table([{'key': 'n', 'label': evil, 'sort': True, 'phone': 'title'}, {'key': 'm', 'label': 'M', "
    "'num': True, 'phone': 'hide'}, {'key': 'o', 'label': 'O', 'phone': 'full'}], [{'n': evil, 'm': none, 'o': 'x'}], "
    "'n', {'newer': '/n', 'older': '/o'}, evil, 'none') }}",
    "empty table": "{{ ui.table([{'key': 'n', 'label': 'N'}], [], empty=evil) }}",
    "pager": "{{ ui.pager({'newer': none, 'older': '/o'}) }}{{ ui.pager({'newer': none, 'older': none}) }}",
    "export_menu": "{{ ui.export_menu('/x?a=1', [(evil, 'csv')], 2) }}",
    "menu": "{% call ui.menu('m', evil, ico='dots') %}<a href='/'>a</a>{% endcall %}",
    "dialog": "{% call ui.dialog('d', evil) %}<p>x</p>{% endcall %}",
    "confirm": "{{ ui.confirm('d', evil, evil, '/x', evil, fields={'a': evil}) }}",
    "confirm with a form": "{{ ui.confirm('d', evil, evil, '/x', evil, form=form, is_open=True) }}",
    "confirm with fields": "{% call ui.confirm('d', 'a', 'b', '/x', 'c') %}{{ ui.field(form.remark) }}{% endcall %}",
    "empty": "{{ ui.empty('archive', evil, evil, ui.button('Go', href='/')) }}{{ ui.empty('archive', 'a', 'b') }}",
    "skeleton": "{{ ui.skeleton(3) }}",
    "failed": "{{ ui.failed(evil, evil, '/', evil) }}{{ ui.failed('a', 'b') }}",
    "toast": "{{ ui.toast(evil) }}{{ ui.toast('a', 'info') }}",
    "proof": "{{ ui.proof({'text': evil, 'url': evil}) }}{{ ui.proof({'text': 'a'}) }}",
    "progress": "{{ ui.progress(3, 6, evil) }}",
    "secret": "{{ ui.secret(evil, evil) }}",
    "form": "{% call ui.form('/x', autosave='/s', multipart=True, id='f', attrs={'data-guard': true}) %}x{% endcall %}"
    "{% call ui.form(method='get') %}y{% endcall %}",
    "fields": "{% for f in form %}{{ ui.field(f) }}{% endfor %}",
    "field with its unit": "{{ ui.field(form.shares, hint=evil, prefix=evil, suffix=evil, width='s', "
    "inputmode='numeric') }}",
    "radios": "{{ ui.radios(form.reason, style='list', hint=evil) }}",
    "scale": "{{ ui.scale(form.growth, {4: evil}, weight=30, hint=evil) }}{% call ui.scale(form.reason, n=3) "
    "%}n{% endcall %}",
    "form_actions": "{{ ui.form_actions(evil, [ui.button('b', 'quiet')]) }}",
    "filters": "{{ ui.filters(form) }}",
    "upload": "{{ ui.upload(form.paper, '.pdf,.docx', 20) }}",
    "people": "{{ ui.people(form.holder, evil, evil) }}",
    "markdown": "{{ ui.markdown(form.remark, '/preview', hint=evil) }}",
    "saved": "{{ ui.saved() }}{{ ui.saved(now) }}",
    "interval": "{{ chart.interval(2.5, 4, 3.1, [3, 4], 1, 5, evil) }}{{ chart.axis(1, 5) }}",
    "line": "{{ chart.line([{'points': [(0, 1), (4, 3)], 'tone': '1', 'area': True}, {'points': [(0, 0), (4, "
    "4)], 'tone': "
    "'6', 'dash': True}], [(0, evil), (2, 'b'), (4, 'c')], [(2, evil), (4, 'y')], (3, evil), ([(0, 1), (4, 3)], "
    "[(0, 0), (4, 1)]), evil, evil, [(4, 3, evil, '1'), (1, 1, 'z', '6')]) }}",
    "funnel": "{{ chart.funnel([(evil, 412, evil), ('b', 0, '')], evil) }}{{ chart.funnel([('a', 0, '')], 'none') }}",
    "stacked": "{{ chart.stacked([(evil, 3, '1'), ('b', 0, '2s')], evil) }}{{ chart.stacked([('a', 0, '1')], "
    "'none') }}",
    "spark": "{{ chart.spark([1, 5, 2], evil) }}{{ chart.spark([3], 'one') }}",
    "legend": "{{ chart.legend([('line', '1', evil), ('dash', '6', 'b'), ('area', '1s', 'c'), ('tick', '', 'd')]) }}",
    "data_table": "{{ chart.data_table(evil, [evil, 'n'], [[evil, '2']]) }}",
}
NOW = dt.datetime(2026, 11, 2, 1, 14, tzinfo=dt.UTC)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", PIECES)
def test_a_component_is_well_formed_inline_free_and_escaped(render: Render, form: Form, name: str, lang: str) -> None:
    html = render(PIECES[name], lang, evil=EVIL, form=form, now=NOW)
    assert problems(html) == []
    assert "<img" not in html


GUIDE = """
    ui: icon button status avatar page_head stat note card kv timeline tabs chips seg steps table pager filters
    ui: export_menu field radios scale error_summary form_actions upload people markdown
    ui: empty skeleton failed toast proof
    chart: interval line funnel stacked spark data_table
"""


def test_every_macro_of_the_guide_is_there(render: Render) -> None:
    named = [line.split(": ") for line in GUIDE.strip().splitlines()]
    macros = [f"{module.strip()}.{name}" for module, names in named for name in names.split()]
    source = "".join("{{ " + macro + " is callable }} " for macro in macros)
    assert dict(zip(macros, render(source).split(), strict=True)) == dict.fromkeys(macros, "True")


def test_a_refused_field_says_what_to_do_between_hint_and_control(render: Render, refused_form: Form) -> None:
    html = render("{{ ui.field(form.shares) }}", form=refused_form)
    assert problems(html) == []
    order = [html.index(part) for part in ("<label", "Whole shares.", "Enter a number of shares", "<input")]
    assert order == sorted(order)
    assert 'aria-describedby="shares-hint shares-error"' in html
    assert 'aria-invalid="true"' in html
    assert '<div class="f bad">' in html


@pytest.mark.parametrize(
    "source",
    [
        "{{ ui.field(form.agree) }}",
        "{{ ui.field(form.growth) }}",
        "{{ ui.scale(form.growth) }}",
        "{{ ui.people(form.agree, '/people') }}",
        "{{ ui.upload(form.agree, '.pdf', 2) }}",
        "{{ ui.markdown(form.agree, '/preview') }}",
        "{{ ui.field(form.agree, prefix='¥') }}",
    ],
)
def test_every_kind_of_field_marks_its_error(render: Render, refused_form: Form, source: str) -> None:
    html = render(source, form=refused_form)
    assert problems(html) == []
    assert re.search(r'id="(agree|growth)-error"', html)


def test_the_summary_counts_the_errors_and_links_to_the_controls(render: Render, refused_form: Form) -> None:
    refused_form.form_errors = [EVIL]
    html = render("{{ ui.error_summary(form) }}{% for f in form %}{{ ui.field(f) }}{% endfor %}", form=refused_form)
    assert problems(html) == []
    assert "4 things to put right" in html
    assert re.findall(r'<a href="#(\w+)">', html) == ["shares", "growth", "agree"]
    assert 'role="alert"' in html


def test_the_summary_of_a_good_form_is_empty(render: Render, form: Form) -> None:
    assert render("{{ ui.error_summary(form) }}", form=form) == ""


def test_optional_is_said_and_required_is_not(render: Render, form: Form) -> None:
    html = render("{{ ui.field(form.remark) }}|{{ ui.field(form.shares) }}", form=form)
    assert [("(optional)" in part) for part in html.split("|")] == [True, False]


def test_the_chosen_value_of_a_scale_is_kept(render: Render, form: Form) -> None:
    html = render("{{ ui.scale(form.growth, {4: 'Good'}) }}", form=form)
    assert re.findall(r'value="(\d)"[^>]*checked', html) == ["4"]
    assert re.findall(r'id="([\w-]+)"', html) == ["growth", "growth-2", "growth-3", "growth-4", "growth-5", "growth-a4"]


def test_a_sorted_column_says_so(render: Render) -> None:
    html = render("{{ ui.th('Mean', 'mean', '-mean') }}{{ ui.th('Rank', 'rank', 'rank') }}{{ ui.th('Sum', 'sum') }}")
    assert re.findall(r'aria-sort="(\w+)"', html) == ["descending", "ascending", "none"]


def test_steps_before_the_current_one_are_done(render: Render) -> None:
    html = render("{{ ui.steps([('a', 'A', '/a'), ('b', 'B'), ('c', 'C')], 'b') }}")
    assert re.findall(r"<li([^>]*)>", html) == [' class="done"', ' aria-current="step"', ""]


def test_counts_stop_at_a_thousand(render: Render) -> None:
    html = render("{{ ui.chips([('a', 'All', '#', 1001), ('b', 'Open', '#', 1000)], 'a') }}")
    assert "All more than 1,000" in html
    assert "Open 1,000" in html


def test_a_chart_says_its_finding(render: Render) -> None:
    html = render("{{ chart.stacked([('Team', 2, '1'), ('Pool', 1, '2')], 'Team 66.7%, pool 33.3%') }}")
    assert 'role="img" aria-label="Team 66.7%, pool 33.3%"' in html
    assert re.findall(r'x="([\d.]+%)" y="0" width="([\d.]+%)"', html) == [("0.00%", "66.32%"), ("66.67%", "32.98%")]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("options", [{}, {"demo": True}, {"nobody": True}, {"theme": "dark"}, {"theme": "auto"}])
def test_the_layout_is_well_formed(page: Render, options: dict[str, object], lang: str) -> None:
    html = page("{% block title %}Things{% endblock %}{% block main %}<h1>Things</h1>{% endblock %}", lang, **options)
    assert problems(html.replace("<!doctype html>", "")) == []
    assert html.startswith("<!doctype html>")
    assert f'data-theme="{options.get("theme", "light")}"' in html
    assert f'lang="{"zh-Hans" if lang == "zh" else "en"}" data-theme' in html


def test_the_title_says_error_when_there_are_some(page: Render) -> None:
    blocks = "{% block title %}New grant{% endblock %}"
    titles = [re.search("<title>(.*)</title>", page(blocks, has_errors=wrong)) for wrong in (True, False)]
    assert [found and found[1] for found in titles] == ["Error: New grant · Incubator", "New grant · Incubator"]


def test_the_first_link_skips_to_the_content(page: Render) -> None:
    found = re.search(r"<a [^>]*>", page())
    assert found
    assert found[0] == '<a class="skip" href="#main">'


def test_who_is_not_signed_in_sees_no_menu_and_no_search(page: Render) -> None:
    html = page(nobody=True)
    assert 'class="rail"' not in html
    assert 'role="search"' not in html
    assert 'action="/preferences/language"' in html


def test_the_demonstration_says_so(page: Render) -> None:
    assert "Demonstration" in page(demo=True)
    assert 'class="demo"' not in page()


def test_keys_can_be_switched_off(page: Render) -> None:
    quiet = SimpleNamespace(name="Zhao Min", initials="ZM", shortcuts=False)
    assert " data-no-shortcuts" in page(me=quiet)
    assert " data-no-shortcuts" not in page()


def test_the_menu_page_holds_every_place_and_both_switches(render: Render) -> None:
    html = render("{% include 'home/menu.html' %}", path="/menu?lang=zh")
    found = re.search(r"<main.*</main>", html, re.DOTALL)
    assert found
    assert re.findall(r'<(?:a|form) [^>]*(?:href|action)="([^"]+)"', found[0]) == [
        "/",
        "/me",
        "/preferences/language",
        "/preferences/theme",
    ]


def test_a_translation_says_per_cent_where_its_message_does_not(render: Render) -> None:
    assert render("{{ _('Ready, 95 of 100') }}", lang="zh") == "就绪（95%）"
    assert render("{{ _('90%% interval') }}") == "90% interval"
