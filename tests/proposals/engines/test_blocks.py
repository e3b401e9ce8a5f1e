from hypothesis import given
from hypothesis import strategies as st

from incubator.proposals.engines.blocks import blocks, plain

TEXT = """# Why **now**

Heat is lost, *every* day,
in 12 halls. See [the report](https://example.com/r), https://example.com or <a@example.com>.

- first
  1. deep
  2. deeper
- `second`

  goes on

> quoted\\
> twice

```
code
```

| Year | Need |
|---|---|
| 1 | **2** |

---
"""


def test_each_kind_of_block():
    assert blocks(TEXT) == [
        {"kind": "heading", "runs": [("Why ", ""), ("now", "b")]},
        {"kind": "paragraph", "runs": [
            ("Heat is lost, ", ""), ("every", "i"),
            (" day, in 12 halls. See the report (https://example.com/r), https://example.com or a@example.com.", ""),
        ]},
        {"kind": "item", "runs": [("first", "")], "depth": 1, "mark": "•"},
        {"kind": "item", "runs": [("deep", "")], "depth": 2, "mark": "1."},
        {"kind": "item", "runs": [("deeper", "")], "depth": 2, "mark": "2."},
        {"kind": "item", "runs": [("second", "c")], "depth": 1, "mark": "•"},
        {"kind": "item", "runs": [("goes on", "")], "depth": 1, "mark": ""},
        {"kind": "paragraph", "runs": [("quoted\ntwice", "")]},
        {"kind": "code", "runs": [("code", "c")]},
        {"kind": "table", "rows": [["Year", "Need"], ["1", "2"]]},
    ]  # fmt: skip


def test_nothing_is_nothing_and_a_short_answer_is_not_read_as_markdown():
    assert (blocks(""), blocks("[](x)")) == ([], [{"kind": "paragraph", "runs": [(" (x)", "")]}])
    assert plain("*a*") == [{"kind": "paragraph", "runs": [("*a*", "")]}]


@given(st.text(max_size=200))
def test_any_text_gives_blocks_whose_runs_say_something(text):
    for block in blocks(text):
        assert all(run and set(look) <= set("bic") for run, look in block.get("runs", []))


@given(st.lists(st.text("ab 冰", min_size=1, max_size=20).map(str.strip).filter(bool), min_size=1, max_size=5))
def test_paragraphs_stay_paragraphs_in_their_order(paragraphs):
    found = blocks("\n\n".join(paragraphs))
    assert ["".join(text for text, _look in one["runs"]) for one in found] == paragraphs
