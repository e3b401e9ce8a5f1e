"""The front end's sources keep the guide's rules: icons, colours, sizes, nothing inline, nothing from outside."""

import gzip
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "static/src"
DIST = ROOT / "static/dist"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STYLES = sorted(SOURCE.rglob("*.css"))
SCRIPTS = sorted(SOURCE.rglob("*.js"))
ICON_CALLS = (
    r"\bicon\(\s*'([a-z0-9-]+)'",
    r"\bempty\(\s*'([a-z0-9-]+)'",
    r"\bico\s*=\s*'([a-z0-9-]+)'",
    r"\btag\([^,()]+(?:\([^)]*\))?,\s*'\w+',\s*'([a-z0-9-]+)'",
)


def icons() -> list[str]:
    names: list[str] = json.loads((SOURCE / "icons.json").read_text())
    return names


def test_every_icon_a_template_names_is_built() -> None:
    named = {
        (name, path.relative_to(ROOT).as_posix())
        for path in TEMPLATES
        for pattern in ICON_CALLS
        for name in re.findall(pattern, path.read_text())
    }
    assert {(name, path) for name, path in named if name not in icons()} == set()
    assert {name for name, _ in named} >= {"check", "search", "bell"}


def test_every_icon_the_code_names_is_built() -> None:
    menu = (ROOT / "incubator/home/navigation.py").read_text()
    named = set(re.findall(r'Place\("\w+", _l\("[^"]+"\), "[^"]+", "([a-z0-9-]+)"', menu))
    scripts = {name for path in SCRIPTS for name in re.findall(r'\bicon\("([a-z0-9-]+)"', path.read_text())}
    assert named | scripts <= set(icons())
    assert named
    assert scripts


def test_icons_stand_once_in_order_and_exist() -> None:
    assert icons() == sorted(set(icons()))
    folder = ROOT / "node_modules/@tabler/icons/icons/outline"
    assert [name for name in icons() if not (folder / f"{name}.svg").is_file()] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT / "templates").as_posix())
def test_a_template_writes_nothing_inline(path: Path) -> None:
    # letters and mails are no pages: no CSP applies to them, and mail programs know no style sheets
    if path.relative_to(ROOT / "templates").parts[0] in {"emails", "letters"}:
        return
    text = re.sub(r"{#.*?#}|{{.*?}}|{%.*?%}", "", path.read_text(), flags=re.DOTALL)
    assert re.findall(r"\sstyle\s*=|<style\b|\son[a-z]+\s*=\s*[\"']|javascript:|\bhx-on\b|\bjs:", text) == []
    assert re.findall(r"<script(?![^>]*\bsrc=)", text) == []
    assert re.findall(r"(?:src|href)=[\"']https?:", text) == []


@pytest.mark.parametrize("path", [*STYLES, *SCRIPTS], ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_style_and_script_hold_no_text_and_no_long_file(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= 400
    assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)", text) == []
    assert re.findall(r"[\u4e00-\u9fff]", text) == []
    # what `content:` writes is a sign or a counter, never a word
    written = [piece for value in re.findall(r"content:([^;]+);", text) for piece in re.findall(r'"([^"]*)"', value)]
    assert [piece for piece in written if re.search("[A-Za-z]", piece)] == []
    # a text in a script would stand between quotes with a space in it
    code = re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.DOTALL) if path.suffix == ".js" else ""
    assert re.findall(r'textContent = "[A-Za-z]', code) == []


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_a_style_sheet_has_one_declaration_a_line(path: Path) -> None:
    lines = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL).splitlines()
    assert [line for line in lines if line.count(";") > 1] == []


def test_every_class_a_template_uses_has_a_style() -> None:
    styles = " ".join(path.read_text() for path in STYLES)
    known = set(re.findall(r"\.([a-zA-Z][\w-]*)", styles))
    used: set[str] = set()
    for path in TEMPLATES:
        for value in re.findall(r'class="([^"]*)"', path.read_text()):
            used |= set(re.sub(r"{[{%].*?[%}]}", " ", value).split())
    # a list with a class has no bullets: bc needs nothing else; neutral is how a tag looks anyway; md, people and
    # actions are marks; n5 is the scale as it is
    assert used - known <= {"bc", "neutral", "md", "people", "actions", "n"}


# ---- colours: the contrasts the guide promises (WCAG 2.2: text 4.5, edges of controls 3)


def tokens(selector: str) -> dict[str, str]:
    """The custom properties of a block of tokens.css."""
    text = (SOURCE / "tokens.css").read_text()
    found = re.search(re.escape(selector) + r" \{(.*?)\}", text, re.DOTALL)
    assert found
    return {name: value.strip() for name, value in re.findall(r"--([\w-]+):\s*([^;]+);", found[1])}


LIGHT = tokens(":root")
DARK = {**LIGHT, **tokens(':root[data-theme="dark"]')}


def luminance(colour: str) -> float:
    """Relative luminance of #rgb or #rrggbb (WCAG 2.2)."""
    digits = colour.removeprefix("#")
    digits = "".join(c * 2 for c in digits) if len(digits) == 3 else digits
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_both_ways_into_the_dark_are_the_same() -> None:
    assert tokens(':root[data-theme="dark"]') == tokens(':root[data-theme="auto"]')


@pytest.mark.parametrize(
    ("text", "surface", "light", "dark"),
    [
        ("ink", "surface", 17.1, 14.6),
        ("ink2", "surface", 8.3, 9.4),
        ("ink3", "surface", 5.4, 6.0),
        ("ctl", "surface", 3.8, 4.6),
        ("accent", "surface", 8.0, 8.8),
        ("accent-ink", "accent", 8.0, 9.1),
        ("accent", "accent-soft", 6.9, 7.6),
        ("seal", "surface", 6.5, 7.6),
        ("rail-ink", "rail", 10.8, 10.8),
        ("n-f", "n-b", 6.9, 6.9),
        ("i-f", "i-b", 8.0, 8.0),
        ("g-f", "g-b", 7.8, 7.8),
        ("w-f", "w-b", 7.6, 7.6),
        ("b-f", "b-b", 7.7, 7.7),
        ("v-f", "v-b", 8.0, 8.0),
        *((f"c{n}", "surface", 4.7, 6.7) for n in range(1, 7)),
    ],
)
def test_contrasts_are_as_promised(text: str, surface: str, light: float, dark: float) -> None:
    assert contrast(LIGHT[text], LIGHT[surface]) >= light - 0.05
    assert contrast(DARK[text], DARK[surface]) >= dark - 0.05


# ---- what is built and what it is built from


def test_the_lock_names_no_registry_and_every_version_is_exact() -> None:
    lock = (ROOT / "package-lock.json").read_text()
    assert re.findall(r'"resolved"|https?://[^"]*registry[^"]*|npmjs', lock) == []
    package = json.loads((ROOT / "package.json").read_text())
    versions = {**package["dependencies"], **package["devDependencies"]}
    assert [name for name, version in versions.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []


@pytest.mark.parametrize(("name", "limit"), [("app.css", 15_000), ("app.js", 25_000), ("icons.svg", 5_000)])
def test_what_is_built_is_small(name: str, limit: int) -> None:
    built = DIST / json.loads((DIST / "manifest.json").read_text())[name]
    packed = built.with_name(f"{built.name}.gz").read_bytes()
    assert gzip.decompress(packed) == built.read_bytes()
    assert len(packed) <= limit


def test_one_font_is_built_and_it_is_small() -> None:
    fonts = list(DIST.glob("*.woff2"))
    assert [font.name for font in fonts] == [json.loads((DIST / "manifest.json").read_text())["inter.woff2"]]
    assert fonts[0].stat().st_size <= 50_000
