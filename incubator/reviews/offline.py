"""Many reviews as one table: read from a form of the page or from a filled workbook, with what differs.

The workbook has a line a proposal and two columns a criterion (score, note); what is empty in it means nothing is
given. Nothing here writes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from pydantic import create_model

from incubator.core.errors import Invalid
from incubator.reviews.models import Confidence, Recommendation, Review
from incubator.reviews.services import Change, Content, saved
from incubator.web import sheets
from incubator.web.words import local_words

LONGEST = 5_000


@dataclass
class Draft:
    """One line of the table: what the review would say, what of it differs from what is saved (keys), and faults."""

    review: Review
    content: Content
    before: Content
    changed: set[str] = field(default_factory=set)
    refused: str | None = None

    @property
    def change(self) -> Change:
        """As the service takes it."""
        return Change(self.review, self.content, self.review.version)


def drafts_of(reviews: Sequence[Review]) -> list[Draft]:
    """The reviews as they are saved."""
    return [Draft(review, saved(review), saved(review)) for review in reviews]


def from_form(reviews: Sequence[Review], given: Mapping[str, str]) -> list[Draft]:
    """The table as it was sent: s-<review>-<criterion>, n-…, c-<review>, r-<review>; what is absent stays as it is."""
    return [
        _filled(review, lambda name, key=review.public_id: given.get(f"{name[0]}-{key}{name[1]}")) for review in reviews
    ]


def columns(review: Review) -> list[sheets.Column]:
    """The workbook's columns, under the review's rubric."""
    found = [sheets.Column("review", _l("Key")), sheets.Column("number", _l("Number")),
             sheets.Column("title", _l("Proposal"))]  # fmt: skip
    for criterion in review.round.rubric.criteria:
        scale = f"{criterion.low}–{criterion.high}"
        name = local_words(criterion.name)
        found.append(sheets.Column(f"score_{criterion.key}", f"{name} ({scale})", sheets.INT))
        found.append(sheets.Column(f"note_{criterion.key}", _("Note on %(criterion)s", criterion=name)))
    confidence, advice = "/".join(Confidence), "/".join(Recommendation)
    return [
        *found,
        sheets.Column("confidence", f"{_('How sure are you?')} ({confidence})"),
        sheets.Column("recommendation", f"{_('Recommendation')} ({advice})"),
        sheets.Column("private_note", _l("Note to the committee")),
    ]


def rows(reviews: Iterable[Review], titles: Mapping[str, str]) -> list[dict[str, Any]]:
    """The workbook's lines. titles: what each is called to its reviewer, by the review's public id."""
    return [_row(review, saved(review), titles[review.public_id]) for review in reviews]


def _row(review: Review, content: Content, title: str) -> dict[str, Any]:
    row: dict[str, Any] = {
        "review": review.public_id, "number": review.proposal.number, "title": title,
        "confidence": content.confidence.value if content.confidence else None,
        "recommendation": content.recommendation.value if content.recommendation else None,
        "private_note": content.private_note,
    }  # fmt: skip
    for criterion in review.round.rubric.criteria:
        row[f"score_{criterion.key}"] = content.scores.get(criterion.key)
        row[f"note_{criterion.key}"] = content.notes.get(criterion.key, "")
    return row


def from_workbook(reviews: Sequence[Review], data: bytes, name: str) -> tuple[list[Draft], list[sheets.RowError]]:
    """The table as a filled workbook has it, and the faults found in it. Raises Invalid (field file) for no table."""
    known = {review.public_id: review for review in reviews}
    if not known:
        raise Invalid(_("You have no open review to fill."), field="file")
    read = sheets.read(data, name, _line_of(reviews[0]))
    faults, given = list(read.errors), dict[str, Any]()
    for line, row in read.rows:
        if row.review not in known:
            faults.append(sheets.RowError(line, "", _("This line is of no review that is open to you.")))
        given[row.review] = row
    return [_of_line(review, given.get(review.public_id)) for review in reviews], faults


def _line_of(review: Review) -> Any:
    fields: dict[str, Any] = {}
    for column in columns(review):
        kind = int | None if column.kind is sheets.INT else str
        default: Any = None if column.kind is sheets.INT else ""
        fields[column.key] = (Annotated[kind, sheets.Heading(column.label)], default)
    return create_model("Line", __base__=sheets.Row, **fields)


def _of_line(review: Review, row: Any) -> Draft:
    if row is None:
        return drafts_of([review])[0]

    def get(name: tuple[str, str]) -> str | None:
        keys = {"s": "score_", "n": "note_", "c": "confidence", "r": "recommendation", "p": "private_note"}
        value = getattr(row, keys[name[0]] + name[1].removeprefix("-"))
        return None if value is None or value == "" else str(value)

    return _filled(review, get)


def _filled(review: Review, get: Any) -> Draft:
    """get: takes (kind, '-' and the criterion's key, or ''), answers text or None for what is not given."""
    draft = drafts_of([review])[0]
    scores, notes = dict(draft.before.scores), dict(draft.before.notes)
    for criterion in review.round.rubric.criteria:
        score, note = get(("s", f"-{criterion.key}")), get(("n", f"-{criterion.key}"))
        if score is not None:
            scores[criterion.key] = _whole(score)
        if note is not None:
            notes[criterion.key] = note.replace("\x00", "").strip()[:LONGEST]
    confidence, advice, private = get(("c", "")), get(("r", "")), get(("p", ""))
    draft.content = replace(
        draft.before,
        scores=scores,
        notes=notes,
        confidence=Confidence(confidence) if confidence in set(Confidence) else draft.before.confidence,
        recommendation=Recommendation(advice) if advice in set(Recommendation) else draft.before.recommendation,
        private_note=draft.before.private_note if private is None else private.replace("\x00", "").strip()[:LONGEST],
        abstained=frozenset(key for key in draft.before.abstained if scores.get(key) is None),
    )
    draft.changed = set(_differences(draft))
    return draft


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else None


def _differences(draft: Draft) -> Iterable[str]:
    before, now = draft.before, draft.content
    for criterion in draft.review.round.rubric.criteria:
        key = criterion.key
        if before.scores.get(key) != now.scores.get(key):
            yield f"s-{key}"
        if before.notes.get(key, "") != now.notes.get(key, ""):
            yield f"n-{key}"
    for name in ("confidence", "recommendation", "private_note"):
        if getattr(before, name) != getattr(now, name):
            yield name
