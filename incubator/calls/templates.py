"""What a proposal answers and what it is judged by: the shape of both, and the ones every installation starts with."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Self

from flask_babel import get_locale
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from incubator.core.errors import Invalid
from incubator.core.money import WHOLE

WORDS_NEEDED = ("en", "zh")


class Strict(BaseModel):
    """A piece of office data: unknown fields are refused, nothing is changed afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    @classmethod
    def of(cls, data: Any) -> Self:
        """The checked piece from its stored form. Raises Invalid that names the place of the first fault."""
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            fault = error.errors(include_url=False)[0]
            place = ".".join(str(part) for part in fault["loc"])
            raise Invalid(f"{place or cls.__name__}: {fault['msg']}") from error


class Words(Strict):
    """A text of the office in both languages."""

    en: str = Field(min_length=1, max_length=2000)
    zh: str = Field(min_length=1, max_length=2000)

    def __str__(self) -> str:
        """The text in the reader's language."""
        return local({"en": self.en, "zh": self.zh})


def local(words: Mapping[str, str]) -> str:
    """The office's words in the reader's language; the other one rather than nothing."""
    language = "zh" if str(get_locale()).startswith("zh") else "en"
    return words.get(language) or next(iter(words.values()), "")


class Kind(StrEnum):
    """What a field takes."""

    SHORT = "short"
    LONG = "long"
    MONEY = "money"
    NUMBER = "number"
    CHOICE = "choice"
    DATE = "date"
    TABLE = "table"
    FILE = "file"
    """A file beside the text: no answer of its own, see proposals' attachments."""


class Choice(Strict):
    """One answer to choose."""

    value: str = Field(pattern=r"^[a-z0-9_-]{1,40}$")
    label: Words


class ColumnSpec(Strict):
    """One column of a table; limit as for a question."""

    kind: Kind
    label: Words
    limit: int = Field(gt=0, le=10**15)

    @model_validator(mode="after")
    def _simple(self) -> Self:
        if self.kind not in (Kind.SHORT, Kind.NUMBER, Kind.MONEY):
            raise ValueError("a cell of a table is a short text, a number or an amount")
        return self


class Audience(StrEnum):
    """Who reads an answer, beside its authors and the office."""

    ALL = "all"
    OFFICE = "office"


class FieldSpec(Strict):
    """One question. limit: characters for short and long, the greatest value (minor units for money) otherwise.

    unit: what a number counts; columns and rows: of a table; audience: who reads the answer.
    """

    key: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    kind: Kind
    label: Words
    hint: Words | None = None
    limit: int = Field(gt=0, le=10**15)
    required: bool = True
    choices: tuple[Choice, ...] = ()
    unit: Words | None = None
    columns: tuple[ColumnSpec, ...] = Field(default=(), max_length=6)
    rows: tuple[Words, ...] = Field(default=(), max_length=12)
    audience: Audience = Audience.ALL

    @model_validator(mode="after")
    def _parts_where_they_belong(self) -> Self:
        if (self.kind is Kind.CHOICE) != bool(self.choices):
            raise ValueError("a choice has choices, and nothing else has")
        if (self.kind is Kind.TABLE) != bool(self.columns) or bool(self.columns) != bool(self.rows):
            raise ValueError("a table has columns and rows, and nothing else has")
        if self.unit is not None and self.kind is not Kind.NUMBER:
            raise ValueError("a number has a unit, and nothing else has")
        return self


class Section(Strict):
    """Questions that belong together."""

    key: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    title: Words
    fields: tuple[FieldSpec, ...]


class FormTemplate(Strict):
    """The questions of a call."""

    sections: tuple[Section, ...]

    @property
    def fields(self) -> dict[str, FieldSpec]:
        """The questions that are answered in words or figures by their key, in order."""
        return {key: field for key, field in self._all.items() if field.kind is not Kind.FILE}

    @property
    def files(self) -> dict[str, FieldSpec]:
        """The questions that are answered by a file, by their key, in order."""
        return {key: field for key, field in self._all.items() if field.kind is Kind.FILE}

    @property
    def keys(self) -> set[str]:
        """The keys of all questions."""
        return set(self._all)

    @property
    def _all(self) -> dict[str, FieldSpec]:
        return {field.key: field for section in self.sections for field in section.fields}

    @model_validator(mode="after")
    def _keys_once(self) -> Self:
        keys = [field.key for section in self.sections for field in section.fields]
        if len(set(keys)) < len(keys):
            raise ValueError("each field has a key of its own")
        return self

    def as_data(self) -> dict[str, Any]:
        """The stored form; `of` it is the same template."""
        return self.model_dump(mode="json")


class CriterionData(Strict):
    """One criterion of a rubric: weight in basis points and an anchor text for each value of its scale."""

    key: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    name: Words
    hint: Words
    weight_bp: int = Field(gt=0, le=WHOLE)
    low: int = 1
    high: int = 5
    anchors: dict[str, Words]
    lower_is_better: bool = False
    may_abstain: bool = False
    note_above: bool = False
    note_below: bool = False

    @model_validator(mode="after")
    def _each_value_anchored(self) -> Self:
        if self.low >= self.high or self.high - self.low > 20:
            raise ValueError("the scale grows, by at most 20")
        if set(self.anchors) != {str(value) for value in range(self.low, self.high + 1)}:
            raise ValueError("each value of the scale has its anchor")
        return self


def _w(en: str, zh: str) -> Words:
    return Words(en=en, zh=zh)


SUMMARY = FieldSpec(
    key="summary", kind=Kind.LONG, limit=1500,
    label=_w("The idea in a few sentences", "用几句话说明创意"),
    hint=_w("What it is, who needs it, and what is new about it.", "做什么、谁需要、新在哪里。"),
)  # fmt: skip
PROBLEM = FieldSpec(
    key="problem", kind=Kind.LONG, limit=3000,
    label=_w("Problem and customer", "问题与客户"),
    hint=_w("Who has the problem today, and what does it cost them?", "谁正面临这个问题？为此付出多少代价？"),
)  # fmt: skip
TECHNOLOGY = FieldSpec(
    key="technology", kind=Kind.LONG, limit=4000,
    label=_w("Core technology", "核心技术"),
    hint=_w("What can you do that others cannot, and what proves it?", "有哪些独有能力？以何为证？"),
)  # fmt: skip
READINESS = FieldSpec(
    key="readiness", kind=Kind.CHOICE, limit=40,
    label=_w("How far it is today", "当前成熟度"),
    choices=(
        Choice(value="idea", label=_w("An idea on paper (TRL 1 to 2)", "概念阶段（TRL 1—2）")),
        Choice(value="lab", label=_w("Shown in the laboratory (TRL 3 to 4)", "实验室验证（TRL 3—4）")),
        Choice(value="pilot", label=_w("Tried in a real plant (TRL 5 to 6)", "现场试验（TRL 5—6）")),
        Choice(value="product", label=_w("Used by a customer (TRL 7 to 9)", "已有客户使用（TRL 7—9）")),
    ),
)  # fmt: skip
MARKET = FieldSpec(
    key="market", kind=Kind.LONG, limit=3000, required=False,
    label=_w("Market", "市场"),
    hint=_w("Who would buy, inside and outside, and what they use today.", "集团内外谁会购买，目前用什么替代。"),
)  # fmt: skip
GROWTH = FieldSpec(
    key="growth", kind=Kind.LONG, limit=4000,
    label=_w("Business and growth over three years", "三年商业计划与增长"),
    hint=_w("How money comes in, and why it keeps growing.", "收入从何而来，为何能持续增长。"),
)  # fmt: skip
REVENUE = FieldSpec(
    key="revenue", kind=Kind.MONEY, limit=10**13, required=False,
    label=_w("Revenue expected in the third year", "预计第三年收入"),
)  # fmt: skip
MONTHS = FieldSpec(
    key="months", kind=Kind.NUMBER, limit=60, unit=_w("months", "个月"),
    label=_w("Months to the first result", "取得首个成果所需月数"),
)  # fmt: skip
TEAM = FieldSpec(
    key="team", kind=Kind.LONG, limit=2000,
    label=_w("Why this team", "团队优势"),
    hint=_w("What each member brings and how much time they have.", "各成员的专长与可投入时间。"),
)  # fmt: skip
FIT = FieldSpec(
    key="fit", kind=Kind.LONG, limit=2000,
    label=_w("What the group gains", "对集团的价值"),
    hint=_w("Which business, plant or data of the group it needs or helps.", "需要或惠及集团的哪些业务、装置或数据。"),
)  # fmt: skip
CUSTOMER = FieldSpec(
    key="customer", kind=Kind.SHORT, limit=120, required=False,
    label=_w("First customer", "首个客户"),
)  # fmt: skip
CLOUD = FieldSpec(
    key="cloud_use", kind=Kind.LONG, limit=1500,
    label=_w("What the cloud credits are for", "云资源额度用途"),
    hint=_w("Which services, for how long.", "使用哪些服务、使用多久。"),
)  # fmt: skip

PLAN = FieldSpec(
    key="plan", kind=Kind.TABLE, limit=1, required=False,
    label=_w("Three-year investment plan", "三年投资计划"),
    hint=_w("What each year needs, what of it is a tranche, and by what its success is told.",
            "每年所需资金、其中各期拨款，以及衡量成效的指标。"),
    rows=(_w("First year", "第一年"), _w("Second year", "第二年"), _w("Third year", "第三年")),
    columns=(
        ColumnSpec(kind=Kind.MONEY, limit=10**13, label=_w("Need", "所需资金")),
        ColumnSpec(kind=Kind.MONEY, limit=10**13, label=_w("Tranche", "拨款")),
        ColumnSpec(kind=Kind.SHORT, limit=120, label=_w("Told by (KPI)", "衡量指标（KPI）")),
    ),
)  # fmt: skip
CREDITS = FieldSpec(
    key="credits", kind=Kind.TABLE, limit=1, required=False,
    label=_w("Cloud credits by kind of offer", "按资源类别所需云额度"),
    rows=(
        _w("Compute", "计算"),
        _w("Database and storage", "数据库与存储"),
        _w("Data sets and services", "数据集与服务"),
    ),
    columns=(
        ColumnSpec(kind=Kind.MONEY, limit=10**13, label=_w("Credits", "额度")),
        ColumnSpec(kind=Kind.SHORT, limit=120, label=_w("For what", "用途")),
    ),
)  # fmt: skip
KILL = FieldSpec(
    key="kill_criteria", kind=Kind.LONG, limit=1500, required=False,
    label=_w("When it should be stopped", "应当中止的条件"),
    hint=_w("Figures and days at which you would stop it yourself.", "达到哪些数字或到哪一天，您自己会叫停。"),
)  # fmt: skip
EVIDENCE = FieldSpec(
    key="evidence", kind=Kind.LONG, limit=1500, required=False,
    label=_w("Evidence", "依据"),
    hint=_w("What you have seen or measured.", "所观察或测量到的情况。"),
)  # fmt: skip
FIRST_STEP = FieldSpec(
    key="first_step", kind=Kind.SHORT, limit=200, required=False,
    label=_w("The first step", "第一步"),
)  # fmt: skip
QUESTION = FieldSpec(
    key="question", kind=Kind.LONG, limit=3000, label=_w("The question, and why it is open", "研究问题及其未解之处")
)
METHOD = FieldSpec(
    key="method", kind=Kind.LONG, limit=4000,
    label=_w("Method", "研究方法"),
    hint=_w("What is done in which order, with which equipment and data.", "按何顺序、用何设备与数据开展。"),
)  # fmt: skip
RESULT_ON = FieldSpec(
    key="result_on", kind=Kind.DATE, limit=1,
    label=_w("First result expected on", "预计首个成果日期"),
)  # fmt: skip
PUBLISH = FieldSpec(
    key="publish", kind=Kind.CHOICE, limit=40, audience=Audience.OFFICE,
    label=_w("What is to become of the results", "成果去向"),
    hint=_w("Read by the innovation office alone.", "仅创新办公室可见。"),
    choices=(
        Choice(value="patent", label=_w("A patent first", "先申请专利")),
        Choice(value="paper", label=_w("Published openly", "公开发表")),
        Choice(value="secret", label=_w("Kept as a trade secret", "作为商业秘密保护")),
    ),
)  # fmt: skip

IDEA = FormTemplate(
    sections=(
        Section(key="idea", title=_w("The idea", "创意"), fields=(SUMMARY, PROBLEM, EVIDENCE, CUSTOMER)),
        Section(key="means", title=_w("What it takes", "所需条件"), fields=(FIRST_STEP, FIT, CLOUD)),
    )
)
VENTURE = FormTemplate(
    sections=(
        Section(key="idea", title=_w("The idea", "创意"), fields=(SUMMARY, PROBLEM, CUSTOMER)),
        Section(key="technology", title=_w("Technology", "技术"), fields=(TECHNOLOGY, READINESS)),
        Section(key="business", title=_w("Business", "商业"), fields=(MARKET, GROWTH, REVENUE, MONTHS, PLAN, KILL)),
        Section(key="means", title=_w("Team and means", "团队与条件"), fields=(TEAM, FIT, CLOUD, CREDITS)),
    )
)
RESEARCH = FormTemplate(
    sections=(
        Section(key="idea", title=_w("The question", "研究问题"), fields=(SUMMARY, QUESTION)),
        Section(key="work", title=_w("The work", "研究工作"), fields=(METHOD, MONTHS, RESULT_ON)),
        Section(key="means", title=_w("Team and means", "团队与条件"), fields=(TEAM, CLOUD, CREDITS, PUBLISH)),
    )
)
TEMPLATES: dict[str, FormTemplate] = {"idea": IDEA, "venture": VENTURE, "research": RESEARCH}

DEFAULT_CRITERIA: tuple[CriterionData, ...] = (
    CriterionData(
        key="uniqueness", weight_bp=3500,
        name=_w("Uniqueness of core technology", "核心技术独特性"),
        hint=_w("Could a competitor do the same next year?", "竞争者明年能否做到同样的事？"),
        anchors={
            "1": _w("Bought in or common; nothing of our own", "外购或通用技术，无自有内容"),
            "2": _w("A known method put together in a new way", "已知方法的新组合"),
            "3": _w("Own know-how that others need a year to copy", "自有诀窍，他人需约一年才能仿制"),
            "4": _w("Own method, shown to work, protectable", "自有方法，已验证可行且可保护"),
            "5": _w("First of its kind, proven, protection filed or certain", "业内首创，已证实，并已申请或可确保保护"),
        },
    ),
    CriterionData(
        key="continuity", weight_bp=3000,
        name=_w("Continuity of business growth", "业务成长持续性"),
        hint=_w("Does each year follow from the one before?", "每一年的增长是否有前一年作为基础？"),
        anchors={
            "1": _w("No paying customer can be named", "说不出付费客户"),
            "2": _w("One customer inside the group, once", "仅一个集团内客户，且为一次性"),
            "3": _w("Repeat use inside the group for three years", "集团内三年持续使用"),
            "4": _w("Growth inside and first customers outside", "集团内增长，并有首批外部客户"),
            "5": _w("Contracts or firm interest outside, growing each year", "外部市场已有合同或明确意向，逐年增长"),
        },
    ),
    CriterionData(
        key="team", weight_bp=2000,
        name=_w("Team", "团队"),
        hint=_w("Can these people do it, and have they the time?", "这些人能否做成，是否有时间？"),
        anchors={
            "1": _w("One person, no time set aside", "单人，未安排时间"),
            "2": _w("Skills for part of the work", "具备部分所需技能"),
            "3": _w("All skills for the next stage, part time", "具备下一阶段全部技能，兼职投入"),
            "4": _w("All skills, time agreed with their managers", "技能齐备，时间已与上级商定"),
            "5": _w("Has built such a thing before, ready full time", "曾做成类似项目，可全职投入"),
        },
    ),
    CriterionData(
        key="fit", weight_bp=1500,
        name=_w("Fit with the group", "与集团契合度"),
        hint=_w("Does the group make it stronger, and it the group?", "集团能否使其更强，其能否使集团更强？"),
        anchors={
            "1": _w("No link to any business of the group", "与集团业务无关联"),
            "2": _w("A link, but nobody has asked for it", "有关联，但无人提出需求"),
            "3": _w("One company wants to try it", "有一家企业愿意试用"),
            "4": _w("One company gives plant, data or people", "有一家企业提供装置、数据或人员"),
            "5": _w("Several companies take part and the theme names it", "多家企业参与，且属于重点方向"),
        },
    ),
)  # fmt: skip
DEFAULT_RULE: dict[str, Any] = {
    "order": "total",
    "threshold": {"kind": "minimum_total", "hundredths": 350},
    "quorum": 2,
    "budget": "theme",
    "leftovers": "skip",
    "ties": ["criterion:uniqueness", "requested", "key"],
    "below_threshold": "rejected",
    "over_budget": "shelved",
}
"""Threshold 3.50 of 5, two reviews at least, budget a theme; what `reviews.engines.decision_rule` reads."""
