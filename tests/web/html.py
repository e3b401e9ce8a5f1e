"""Checks a page or a piece of one: well formed, nothing inline, every reference answered."""

from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
REFERENCES = ("for", "aria-describedby", "aria-labelledby", "aria-controls", "popovertarget", "data-copy", "data-md")
LABELLED = {"input", "select", "textarea"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.problems: list[str] = []
        self.open: list[str] = []
        self.ids: list[str] = []
        self.references: list[tuple[str, str]] = []
        self.controls: list[dict[str, str | None]] = []
        self.labels: set[str] = set()
        self.in_label = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._attributes(tag, attrs)
        if tag not in VOID:
            self.open.append(tag)
        self.in_label += tag == "label"

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._attributes(tag, attrs)
        if tag not in VOID and "svg" not in self.open and tag != "svg":
            self.problems.append(f"<{tag}/> closes itself")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1] != tag:
            self.problems.append(f"</{tag}> closes {self.open[-1:]}")
            return
        self.open.pop()
        self.in_label -= tag == "label"

    def _attributes(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        self.problems += [f"{name} twice in <{tag}>" for name in set(names) if names.count(name) > 1]
        self.problems += [f"{name} in <{tag}>" for name in names if name == "style" or name.startswith("on")]
        self.problems += ["a <style> element"] * (tag == "style")
        known = dict(attrs)
        if known.get("id"):
            self.ids.append(str(known["id"]))
        for name in REFERENCES:
            self.references += [(name, part) for part in (known.get(name) or "").split()]
        if tag in LABELLED and known.get("type") not in {"hidden", "submit"}:
            self.controls.append({**known, "_inside": "label" if self.in_label else None})
        if tag == "label" and known.get("for"):
            self.labels.add(str(known["for"]))


def problems(html: str) -> list[str]:
    """What is wrong with this HTML, in words; [] when nothing is."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    found = reader.problems + [f"<{tag}> is left open" for tag in reader.open]
    found += [f"id {name} twice" for name in sorted({name for name in reader.ids if reader.ids.count(name) > 1})]
    found += [f"{name} names {part}, which is not there" for name, part in reader.references if part not in reader.ids]
    for control in reader.controls:
        named = control["_inside"] or control.get("aria-label") or control.get("id") in reader.labels
        if not named:
            found.append(f"{control.get('name')} has no label")
    return found
