"""Forms of a rubric's and of a decision rule's next version."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional, Regexp

from incubator.calls.models import Criterion, DecisionRuleVersion, RubricVersion
from incubator.web.forms import Form, PercentField, Required, WholeNumberField

SPARE = 1
"""Empty places for new criteria."""
LOW, HIGH = 1, 5
WORDS = _l("Say it in both languages.")


class RubricForm(Form):
    """A rubric's next version; the fields of each criterion are added by `rubric_form`."""

    name_en = StringField(_l("Name in English"), [Required(WORDS), Length(max=200)])
    name_zh = StringField(_l("Name in Chinese"), [Required(WORDS), Length(max=200)])

    places: tuple[int, ...] = ()
    scales: Mapping[int, tuple[int, int]] = {}

    def fields_of(self, place: int) -> dict[str, Any]:
        """The fields of one criterion by their short names."""
        lead = f"c{place}_"
        return {name.removeprefix(lead): field for name, field in self._fields.items() if name.startswith(lead)}

    @property
    def details(self) -> dict[str, Any]:
        """What the service takes; a criterion without a weight is left out."""
        return {
            "name": {"en": _plain(self.name_en.data), "zh": _plain(self.name_zh.data)},
            "criteria": [self._criterion(place) for place in self.places if self[f"c{place}_weight"].data],
        }

    def _criterion(self, place: int) -> dict[str, Any]:
        given = {name: _plain(field.data) for name, field in self.fields_of(place).items()}
        low, high = self.scales[place]
        words = {
            name: {"en": given[f"{name}_en"] or "", "zh": given[f"{name}_zh"] or ""}
            for name in ("name", "hint", *(f"anchor{value}" for value in range(low, high + 1)))
        }
        return {
            "key": given["key"] or "", "name": words["name"], "hint": words["hint"], "weight_bp": given["weight"],
            "low": low, "high": high, "anchors": {str(v): words[f"anchor{v}"] for v in range(low, high + 1)},
            **{name: given[name] for name in ("lower_is_better", "may_abstain", "note_above", "note_below")},
        }  # fmt: skip


def _plain(value: Any) -> Any:
    """A text without what the database cannot hold; anything else as it is."""
    return value.replace("\x00", "") if isinstance(value, str) else value


def rubric_form(rubric: RubricVersion) -> RubricForm:
    """The form of the version after this one, filled with what it says, and with an empty place."""
    fields: dict[str, Any] = {}
    data: dict[str, Any] = {"name_en": rubric.name.get("en"), "name_zh": rubric.name.get("zh")}
    places = tuple(range(len(rubric.criteria) + SPARE))
    scales = {}
    for place in places:
        criterion = rubric.criteria[place] if place < len(rubric.criteria) else None
        scales[place] = (criterion.low, criterion.high) if criterion else (LOW, HIGH)
        fields |= {f"c{place}_{name}": field for name, field in _fields(scales[place]).items()}
        data |= {f"c{place}_{name}": value for name, value in _data(criterion).items()}
    kind: type[RubricForm] = type("FilledRubricForm", (RubricForm,), fields | {"places": places, "scales": scales})
    return kind(data=data)


def _fields(scale: tuple[int, int]) -> dict[str, Any]:
    key = Regexp(r"^[a-z][a-z0-9_]{0,39}$", message=_l("Use small letters, digits and _, such as core_technology"))
    found: dict[str, Any] = {
        "weight": PercentField(_l("Weight, 0 to leave it out")),
        "key": StringField(_l("Key"), [Optional(), key]),
        "lower_is_better": BooleanField(_l("The lower score is the better one")),
        "may_abstain": BooleanField(_l("A reviewer may abstain")),
        "note_above": BooleanField(_l("A score above the middle takes a note")),
        "note_below": BooleanField(_l("A score below the middle takes a note")),
    }
    texts = {"name": _l("Name"), "hint": _l("Hint")}
    texts |= {f"anchor{value}": _l("What %(score)s means", score=value) for value in range(scale[0], scale[1] + 1)}
    for name, label in texts.items():
        for language in ("en", "zh"):
            field = StringField if name == "name" else TextAreaField
            found[f"{name}_{language}"] = field(label, [Optional(), Length(max=2000)])
    return found


def _data(criterion: Criterion | None) -> dict[str, Any]:
    if criterion is None:
        return {}
    data: dict[str, Any] = {
        "weight": criterion.weight_bp, "key": criterion.key, "lower_is_better": criterion.lower_is_better,
        "may_abstain": criterion.may_abstain, "note_above": criterion.note_above, "note_below": criterion.note_below,
    }  # fmt: skip
    texts = {"name": criterion.name, "hint": criterion.hint}
    texts |= {f"anchor{value}": words for value, words in criterion.anchors.items()}
    for name, words in texts.items():
        data |= {f"{name}_en": words.get("en"), f"{name}_zh": words.get("zh")}
    return data


class RuleForm(Form):
    """A decision rule's next version."""

    name_en = StringField(_l("Name in English"), [Required(WORDS), Length(max=200)])
    name_zh = StringField(_l("Name in Chinese"), [Required(WORDS), Length(max=200)])
    minimum = WholeNumberField(
        _l("Least score, in hundredths"),
        [Required(_l("Enter a whole number, such as 350"))],
        description=_l("350 stands for 3.50."),
        render_kw={"inputmode": "numeric"},
    )
    quorum = WholeNumberField(
        _l("Sealed reviews a proposal needs"), [Required(_l("Enter a whole number, such as 3"))],
        render_kw={"inputmode": "numeric"},
    )  # fmt: skip
    leftovers = RadioField(
        _l("After one that the budget does not cover"),
        choices=[SelectChoice("skip", _l("go on: a cheaper one may still fit")), SelectChoice("stop", _l("stop"))],
    )
    over_budget = RadioField(
        _l("What the budget does not cover is"),
        choices=[SelectChoice("shelved", _l("shelved")), SelectChoice("rejected", _l("not accepted"))],
    )
    lottery = BooleanField(
        _l("Draw lots among those too close to call"),
        description=_l("By a number fixed before the first score; those clear of the line are not drawn."),
    )

    ties: list[str]

    @property
    def details(self) -> dict[str, Any]:
        """What the service takes."""
        data: dict[str, Any] = {
            "order": "total", "threshold": {"kind": "minimum_total", "hundredths": self.minimum.data},
            "quorum": self.quorum.data, "budget": "theme", "leftovers": self.leftovers.data, "ties": self.ties,
            "below_threshold": "rejected", "over_budget": self.over_budget.data,
        }  # fmt: skip
        if self.lottery.data:
            data["lottery"] = "close"
        return {"name": {"en": _plain(self.name_en.data), "zh": _plain(self.name_zh.data)}, "data": data}


def rule_form(rule: DecisionRuleVersion) -> RuleForm:
    """The form of the version after this one, filled with what it says."""
    data = rule.data
    form = RuleForm(
        data={
            "name_en": rule.name.get("en"), "name_zh": rule.name.get("zh"),
            "minimum": data.get("threshold", {}).get("hundredths"), "quorum": data.get("quorum"),
            "leftovers": data.get("leftovers", "skip"), "over_budget": data.get("over_budget", "shelved"),
            "lottery": "lottery" in data,
        }
    )  # fmt: skip
    form.ties = list(data.get("ties") or ["requested", "key"])
    return form
