"""The legal rules shipped with the product: pure data, loaded as first versions.

Figures and articles come from design/incentives.md. Eight things stand there without a date or a figure and were
added: the first days of the Transformation Law as amended (1 October 2015) and of Caizi [2016] 4 (1 March 2016, a
secondary page), those of the staff ownership pilots (2 August 2016) and of the rules for listed companies of central
enterprises (24 October 2019), the three months of the award of 2010 (the text of Rule 77 as quoted on a secondary
page), that large and medium companies may not use options (a secondary page), and from memory the sixty days of a
first grant and the five years until a person is granted from another plan.

`sure`: T, the text of the law was read; S, a secondary page; M, memory. What is not T ships unconfirmed: it
computes and warns, and a final approval waits until HR has confirmed the version, a second person too. Percentages are
basis points, amounts minor units.
"""

import datetime as dt
from typing import Any, Literal

from incubator.rules.deadlines import DEADLINES
from incubator.rules.fees import FEES
from incubator.rules.shipped import PackRule

_CN = "CN"
_RULES_2010 = "Implementing Rules of the Patent Law of the PRC (2010)"
_RULES_2023 = "Implementing Rules of the Patent Law of the PRC (2023)"
_TRANSFORMATION = "Law of the PRC on Promoting the Transformation of S&T Achievements (2015)"
_CAIZI = "Caizi [2016] No. 4, widened by Caizi [2018] No. 54"
_FROM_2010, _TO_2024 = dt.date(2010, 2, 1), dt.date(2024, 1, 19)
_FROM_2024 = dt.date(2024, 1, 20)
_IN_CHINA = ["CNIPA"]
"""An award is owed by who was granted a patent right, which under the Patent Law is one granted in China."""
_FROM_2015 = dt.date(2015, 10, 1)
_FROM_2016 = dt.date(2016, 3, 1)

AWARDS: tuple[PackRule, ...] = (
    PackRule(
        code="cn.patent.precedence",
        number=1,
        jurisdiction=_CN,
        source=f"{_RULES_2023}; {_TRANSFORMATION}",
        article="Rule 92; Art. 44",
        valid_from=_FROM_2024,
        valid_to=None,
        parameters={"order": ["agreement", "company_rule", "default"], "staff_heard": True, "published": True},
        sure="T",
        title_en="An agreement or a lawfully adopted company rule comes before the default",
        title_zh="约定或依法制定的规章制度优先于法定标准",
    ),
    PackRule(
        code="cn.patent.award",
        number=1,
        jurisdiction=_CN,
        source=_RULES_2010,
        article="Rule 77",
        valid_from=_FROM_2010,
        valid_to=_TO_2024,
        parameters={
            "currency": "CNY",
            "minor": {"invention": 300_000, "utility_model": 100_000, "design": 100_000},
            "months": 3,
            "offices": _IN_CHINA,
        },
        sure="T",
        title_en="Default award to the inventors of a patent (grant announced before 20 January 2024)",
        title_zh="发明人法定奖金（2024年1月20日前公告授权）",
    ),
    PackRule(
        code="cn.patent.award",
        number=2,
        jurisdiction=_CN,
        source=_RULES_2023,
        article="Rule 93",
        valid_from=_FROM_2024,
        valid_to=None,
        parameters={
            "currency": "CNY",
            "minor": {"invention": 400_000, "utility_model": 150_000, "design": 150_000},
            "months": 3,
            "offices": _IN_CHINA,
        },
        sure="T",
        title_en="Default award to the inventors of a patent (grant announced from 20 January 2024)",
        title_zh="发明人法定奖金（2024年1月20日起公告授权）",
    ),
    PackRule(
        code="cn.patent.remuneration",
        number=1,
        jurisdiction=_CN,
        source=_RULES_2010,
        article="Rule 78",
        valid_from=_FROM_2010,
        valid_to=_TO_2024,
        parameters={
            "operating_profit_bps": {"invention": 200, "utility_model": 200, "design": 20},
            "licence_income_bps": 1_000,
        },
        sure="T",
        title_en="Default remuneration for exploiting a patent (until 19 January 2024)",
        title_zh="专利实施法定报酬（2024年1月19日止）",
    ),
    PackRule(
        code="cn.patent.remuneration",
        number=2,
        jurisdiction=_CN,
        source=f"{_RULES_2023}; {_TRANSFORMATION}",
        article="Rule 94; Art. 45",
        valid_from=_FROM_2024,
        valid_to=None,
        parameters={
            "net_transfer_or_licence_income_bps": 5_000,
            "shares_formed_bps": 5_000,
            "operating_profit_bps": 500,
            "operating_profit_years": [3, 5],
        },
        sure="T",
        title_en="Default remuneration for exploiting a patent (from 20 January 2024)",
        title_zh="专利实施法定报酬（2024年1月20日起）",
    ),
    PackRule(
        code="cn.patent.transition",
        number=1,
        jurisdiction=_CN,
        source=_RULES_2023,
        article="Rules 93-94",
        valid_from=_FROM_2024,
        valid_to=None,
        parameters={"announced_before": "2024-01-20", "exploited_from": "2024-01-20", "flag": "ask_counsel"},
        sure="S",
        title_en="Announced before and exploited after 20 January 2024: counsel decides which rule applies",
        title_zh="2024年1月20日前公告、此后实施的专利：由法务判断适用规则",
    ),
    PackRule(
        code="cn.patent.payroll",
        number=1,
        jurisdiction=_CN,
        source=_TRANSFORMATION,
        article="Art. 45",
        valid_from=_FROM_2015,
        valid_to=None,
        parameters={"counts_in_payroll_total": True, "limited_by_payroll_total": False},
        sure="T",
        title_en="Awards and remuneration count in the year's payroll total and are not limited by it",
        title_zh="奖励和报酬计入当年工资总额，但不受工资总额限制",
    ),
    PackRule(
        code="cn.patent.institutes",
        number=1,
        jurisdiction=_CN,
        source=_TRANSFORMATION,
        article="Art. 45",
        valid_from=_FROM_2015,
        valid_to=None,
        parameters={"below_default": {"state_institute": False, "company": True}},
        sure="T",
        title_en="State research institutes and universities may not go below the default; companies may",
        title_zh="国家设立的研究开发机构、高等院校不得低于法定标准，企业可以",
    ),
)

EQUITY: tuple[PackRule, ...] = (
    PackRule(
        code="cn.equity.total",
        number=1,
        jurisdiction=_CN,
        source=_CAIZI,
        article="total",
        valid_from=_FROM_2016,
        valid_to=None,
        parameters={"total_bps": {"large": 500, "medium": 1_000, "small": 3_000, "micro": 3_000}},
        sure="S",
        title_en="Equity incentives in all, as a part of total capital, by the company's size",
        title_zh="股权激励总额占企业总股本的上限（按企业规模）",
    ),
    PackRule(
        code="cn.equity.person",
        number=1,
        jurisdiction=_CN,
        source=_CAIZI,
        article="person",
        valid_from=_FROM_2016,
        valid_to=None,
        parameters={"person_bps": {"large": 300, "medium": 300, "small": 300, "micro": 300}},
        sure="S",
        title_en="One person's equity incentives, as a part of total capital",
        title_zh="单个激励对象获得的激励股权占企业总股本的上限",
    ),
    PackRule(
        code="cn.equity.award",
        number=1,
        jurisdiction=_CN,
        source=_CAIZI,
        article="share award",
        valid_from=_FROM_2016,
        valid_to=None,
        parameters={
            "bought_to_awarded": [1, 1],
            "technical_staff_years": 3,
            "net_asset_growth_bps": 1_500,
            "net_asset_growth_years": 3,
            "person_minor": 300_000_000,
            "currency": "CNY",
        },
        sure="S",
        title_en="Share award: only with a purchase, to technical staff of three years, up to CNY 3,000,000 a person",
        title_zh="股权奖励：须与股权出售结合，限连续工作三年以上的重要技术人员，个人累计不超过300万元",
    ),
    PackRule(
        code="cn.equity.option",
        number=1,
        jurisdiction=_CN,
        source=_CAIZI,
        article="option",
        valid_from=_FROM_2016,
        valid_to=None,
        parameters={"first_exercise_after_months": 12, "exercise_within_months": 60, "sizes": ["small", "micro"]},
        sure="S",
        title_en="Option: small and micro companies, first exercise after one year, at most five years to exercise",
        title_zh="股权期权：限小、微型企业，授权日与首次可行权日间隔不少于一年，行权有效期不超过五年",
    ),
    PackRule(
        code="cn.equity.lock",
        number=1,
        jurisdiction=_CN,
        source=_CAIZI,
        article="lock",
        valid_from=_FROM_2016,
        valid_to=None,
        parameters={"months": 60, "transfer": False, "gift": False},
        sure="S",
        title_en="Lock of five years: no transfer and no gift",
        title_zh="五年内不得转让、捐赠",
    ),
    PackRule(
        code="cn.equity.post_dividend",
        number=1,
        jurisdiction=_CN,
        source=_CAIZI,
        article="post dividend",
        valid_from=_FROM_2016,
        valid_to=None,
        parameters={
            "after_tax_profit_bps": 1_500,
            "staff_bps": 3_000,
            "person_pay_ratio": [2, 3],
            "plan_months": 36,
        },
        sure="S",
        title_en="Post dividend: limits to the year's total, the number of people, one person's part and the plan",
        title_zh="岗位分红：年度总额、激励人数、个人所得和方案有效期的上限",
    ),
)

_PILOT = "Guozifa gaige [2016] No. 133"
_LISTED = "Rules on equity incentives of listed companies controlled by central enterprises"
_SIZES = ("large", "medium", "small", "micro")


def _term(
    code: str, law: tuple[str, dt.date], sure: Literal["S", "M"], english: str, chinese: str, **parameters: Any
) -> PackRule:  # fmt: skip
    """One rule on the terms of a grant (equity/engines/regime.py); the last word of its code is its article."""
    return PackRule(
        code=f"cn.equity.{code}", number=1, jurisdiction=_CN, source=law[0], article=code.rpartition(".")[2],
        valid_from=law[1], valid_to=None, parameters=parameters, sure=sure, title_en=english, title_zh=chinese,
    )  # fmt: skip


_BY_STATE = (_CAIZI, _FROM_2016)
_BY_PILOT = (_PILOT, dt.date(2016, 8, 2))
_BY_LISTED = (_LISTED, dt.date(2019, 10, 24))
_PAID = ("option", "restricted")

EQUITY_TERMS: tuple[PackRule, ...] = (
    _term("once", _BY_STATE, "M", "One way of incentive for one person, and not again within five years",
          "对同一激励对象只采取一种激励方式，五年内不重复激励", plans_at_once=1, again_months=60),
    _term("price", _BY_STATE, "M", "Price at least the appraised value of a unit",
          "出售价格、行权价格不低于经评估的每股价值", floor_bps=10_000, kinds=list(_PAID)),
    _term("pilot.lock", _BY_PILOT, "S", "Staff ownership pilot: lock of 36 months",
          "混合所有制企业员工持股试点：锁定期不少于36个月", months=36),
    _term("pilot.price", _BY_PILOT, "M", "Staff ownership pilot: price at least the appraised value",
          "混合所有制企业员工持股试点：入股价格不低于评估值", floor_bps=10_000, kinds=list(_PAID)),
    _term("pilot.state", _BY_PILOT, "S", "Staff ownership pilot: the state keeps at least 34 %",
          "混合所有制企业员工持股试点：国有股东持股比例不低于34%", state_bps=3_400),
    _term("listed.first", _BY_LISTED, "S", "Listed company of a central enterprise: first grant of a plan",
          "中央企业控股上市公司：首次授予数量上限", first_within_days=60,
          first_bps={"large": 100, "medium": 300, "small": 300, "micro": 300}),
    _term("listed.pay", _BY_LISTED, "S", "Listed company of a central enterprise: value and a year’s pay",
          "中央企业控股上市公司：授予价值占薪酬总水平的上限", pay_bps=4_000),
    _term("listed.price", _BY_LISTED, "M", "Listed company of a central enterprise: price at fair value",
          "中央企业控股上市公司：行权价格、授予价格不低于公平市场价格", floor_bps=10_000, kinds=["option"]),
)  # fmt: skip
"""What of the bodies of rules concerns the terms of a grant; S and M ship unconfirmed (incentives.md)."""

OTHER_REGIMES: tuple[PackRule, ...] = tuple(
    PackRule(
        code=f"cn.equity.{regime}.{part}",
        number=1,
        jurisdiction=_CN,
        source=source,
        article=part,
        valid_from=since,
        valid_to=None,
        parameters={f"{part}_bps": dict.fromkeys(_SIZES, points)},
        sure="S",
        title_en=title_en,
        title_zh=title_zh,
    )
    for regime, source, since, part, points, title_en, title_zh in (
        ("pilot", _PILOT, dt.date(2016, 8, 2), "total", 3_000, "Staff ownership pilot: all staff together",
         "混合所有制企业员工持股试点：员工持股总量上限"),
        ("pilot", _PILOT, dt.date(2016, 8, 2), "person", 100, "Staff ownership pilot: one person",
         "混合所有制企业员工持股试点：单一员工持股上限"),
        ("listed", _LISTED, dt.date(2019, 10, 24), "total", 1_000, "Listed company of a central enterprise: all plans",
         "中央企业控股上市公司：全部有效激励计划总量上限"),
        ("listed", _LISTED, dt.date(2019, 10, 24), "person", 100, "Listed company of a central enterprise: one person",
         "中央企业控股上市公司：单一激励对象上限"),
    )
)  # fmt: skip
"""Limits of other bodies of rules (incentives.md), by the same parameters; the same for every size of company."""

PACK: tuple[PackRule, ...] = AWARDS + EQUITY + OTHER_REGIMES + EQUITY_TERMS + DEADLINES + FEES
"""All rules shipped."""
