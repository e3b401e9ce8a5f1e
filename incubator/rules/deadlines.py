"""The deadlines of patent offices as rules: pure data, read by `incubator.patents.engines.deadlines`.

Periods and articles come from design/incentives.md, and so does how sure each is. First days of validity that are not
written there were added: a period that the Patent Law has had since its revision of 1992 counts from 1 January 1993,
one of the Implementing Rules of 2023 from 20 January 2024, with the same period under the rules of 2010 before it (M:
from memory). Also from memory: restoration (Rules 6 and 36), the electronic service of the rules of 2010, the term of
a design filed before 1 June 2021.
"""

import datetime as dt
from typing import Any, Literal

from incubator.rules.shipped import PackRule

Sure = Literal["T", "S", "M"]
ALL = ["invention", "utility_model", "design"]
_LAW = "Patent Law of the PRC"
_RULES_2010 = "Implementing Rules of the Patent Law of the PRC (2010)"
_RULES_2023 = "Implementing Rules of the Patent Law of the PRC (2023)"
_FROM_1993, _FROM_2021 = dt.date(1993, 1, 1), dt.date(2021, 6, 1)
_FROM_2010, _TO_2024 = dt.date(2010, 2, 1), dt.date(2024, 1, 19)
_FROM_2024 = dt.date(2024, 1, 20)
_NEXT: dict[str, Any] = {"roll": "next", "calendar": "CN"}
_ANNUAL: dict[str, Any] = {
    "trigger": "grant",
    "base": "filing",
    "grace": {"steps": [{"months": n + 1, "surcharge_bps": 500 * n} for n in range(6)]},
    "met_by": ["pay"],
    "fee": "cn.patent.fee.annual",
    "by_due": True,
    **_NEXT,
}
_NATIONAL: dict[str, Any] = {"offices": ["WIPO"], "kinds": ALL[:2], "trigger": "file", "base": "priority"}


def _rule(  # noqa: PLR0917 - a row of a table
    code: str, number: int, titles: tuple[str, str], source: str, article: str, valid: tuple[dt.date, dt.date | None],
    sure: Sure, parameters: dict[str, Any], jurisdiction: str = "CN",
) -> PackRule:  # fmt: skip
    given = {"offices": ["CNIPA"], "kinds": ALL} | parameters
    return PackRule(
        code, number, jurisdiction, source, article, valid[0], valid[1], given, sure, titles[0], titles[1]
    )  # fmt: skip


def _both(  # noqa: PLR0917 - a row of a table
    code: str, titles: tuple[str, str], old: str, new: str, parameters: dict[str, Any], sure: Sure = "T"
) -> tuple[PackRule, PackRule]:
    """A rule of the Implementing Rules of 2023 and the same under those of 2010."""
    return (
        _rule(code, 1, titles, _RULES_2010, old, (_FROM_2010, _TO_2024), "M", parameters),
        _rule(code, 2, titles, _RULES_2023, new, (_FROM_2024, None), sure, parameters),
    )


_PRIORITY: dict[str, Any] = {"trigger": "file", "base": "priority", "ends_with": ["priority"], **_NEXT}
OF_FILING: tuple[PackRule, ...] = (
    _rule(
        "cn.patent.deadline.priority", 1,
        ("Last day to claim the priority of this filing", "要求本申请优先权的最后期限"),
        _LAW, "Art. 29; restoration: Implementing Rules 2023, Rule 36", (_FROM_1993, None), "T",
        _PRIORITY | {"kinds": ALL[:2], "months": 12, "restore_months": 2},
    ),
    _rule(
        "cn.patent.deadline.priority_design", 1,
        ("Last day to claim the priority of this design", "要求本外观设计优先权的最后期限"),
        _LAW, "Art. 29", (_FROM_1993, None), "T", _PRIORITY | {"kinds": ["design"], "months": 6},
    ),
    _rule(
        "cn.patent.deadline.publication", 1, ("Publication of the application", "申请公布"), _LAW, "Art. 34",
        (_FROM_1993, None), "T",
        {"kinds": ["invention"], "trigger": "file", "base": "priority", "months": 18, "met_by": ["publish"],
         "ends_with": ["grant"], "duty": False},
    ),
    _rule(
        "cn.patent.deadline.examination", 1, ("Request for examination of the substance", "提出实质审查请求"),
        _LAW, "Art. 35; Implementing Rules, Rule 12 (from the priority)", (_FROM_1993, None), "T",
        {"kinds": ["invention"], "trigger": "file", "base": "priority", "months": 36,
         "met_by": ["request_examination", "examine", "grant"], "fee": "cn.patent.fee.examination", **_NEXT},
    ),
    _rule(
        "cn.patent.deadline.security_notice", 1,
        ("Security review: notice whether a review is made", "保密审查：是否进行审查的通知"),
        f"{_LAW}; {_RULES_2023}", "Art. 19; Rules 8-9", (_FROM_2024, None), "T",
        {"offices": ["*"], "trigger": "request_clearance", "base": "event", "months": 2, "duty": False,
         "grace": {"steps": [{"months": 2}]}, "met_by": ["clear"]},
    ),
    _rule(
        "cn.patent.deadline.security_decision", 1, ("Security review: decision", "保密审查：决定"),
        f"{_LAW}; {_RULES_2023}", "Art. 19; Rules 8-9", (_FROM_2024, None), "T",
        {"offices": ["*"], "trigger": "request_clearance", "base": "event", "months": 4, "duty": False,
         "grace": {"steps": [{"months": 2}]}, "met_by": ["clear"]},
    ),
)  # fmt: skip
OF_NOTICES: tuple[PackRule, ...] = (
    *_both(
        "cn.patent.service.post", ("Service by post: 15 days after issue", "邮寄送达：自发文日起满15日"), "Rule 4",
        "Rule 4", {"trigger": "serve", "base": "event", "about": "post", "days": 15},
    ),
    _rule(
        "cn.patent.service.electronic", 1, ("Electronic service: 15 days after issue", "电子送达：自发文日起满15日"),
        "Provisions on electronic patent applications (2010)", "Art. 9", (_FROM_2010, _TO_2024), "M",
        {"trigger": "serve", "base": "event", "about": "electronic", "days": 15},
    ),
    *_both(
        "cn.patent.deadline.registration", ("Registration of the grant", "办理登记手续"), "Rule 54", "Rule 60",
        {"trigger": "grant_notice", "base": "service", "months": 2, "met_by": ["register", "grant"], **_NEXT},
    ),
    _rule(
        "cn.patent.deadline.reexamination", 1, ("Request for re-examination", "提出复审请求"), _LAW, "Art. 41",
        (_FROM_1993, None), "T",
        {"trigger": "refuse", "base": "service", "months": 3, "met_by": ["request_reexamination", "reopen"], **_NEXT},
    ),
    _rule(
        "cn.patent.deadline.court", 1,
        ("Action at the court against the re-examination decision", "对复审决定提起诉讼"),
        _LAW, "Art. 41", (_FROM_1993, None), "T",
        {"trigger": "reexamine", "base": "service", "months": 3, "met_by": ["sue", "reopen"], **_NEXT},
    ),
    _rule(
        "cn.patent.deadline.first_action", 1, ("Answer to the first office action", "答复第一次审查意见通知书"),
        "Secondary page on office actions", "first action: 4 months", (_FROM_2010, None), "S",
        {"trigger": "notice", "base": "service", "which": "first", "months": 4, "met_by": ["answer"],
         "ends_with": ["grant"], **_NEXT},
    ),
    _rule(
        "cn.patent.deadline.later_action", 1, ("Answer to a later office action", "答复再次审查意见通知书"),
        "Secondary page on office actions", "later actions: 2 months", (_FROM_2010, None), "S",
        {"trigger": "notice", "base": "service", "which": "later", "months": 2, "met_by": ["answer"],
         "ends_with": ["grant"], **_NEXT},
    ),
    *_both(
        "cn.patent.deadline.restoration", ("Request to restore a lost right", "请求恢复权利"), "Rule 6", "Rule 6",
        {"trigger": "lapse", "base": "service", "months": 2, "met_by": ["restore"], **_NEXT}, "M",
    ),
)  # fmt: skip
OF_PATENTS: tuple[PackRule, ...] = (
    *_both(
        "cn.patent.deadline.annual_fee", ("Annual fee", "年费"), "Rules 98-99", "Rule 115",
        {"kinds": ALL[:2], "repeat": {"first": 2, "last": {"invention": 20, "utility_model": 10}, "after_grant": True},
         **_ANNUAL},
    ),
    *_both(
        "cn.patent.deadline.annual_fee_design", ("Annual fee of a design", "外观设计年费"), "Rules 98-99", "Rule 115",
        {"kinds": ["design"], "repeat": {"first": 2, "last": {"design": 15}, "after_grant": True},
         "filed_from": "2021-06-01", **_ANNUAL},
    ),
    *_both(
        "cn.patent.deadline.annual_fee_old_design",
        ("Annual fee of a design filed before June 2021", "2021年6月前申请的外观设计年费"), "Rules 98-99", "Rule 115",
        {"kinds": ["design"], "repeat": {"first": 2, "last": {"design": 10}, "after_grant": True},
         "filed_to": "2021-05-31", **_ANNUAL}, "M",
    ),
    *(
        _rule(
            f"cn.patent.deadline.term_{kind}", 1, ("End of the term", "期限届满"), _LAW, "Art. 42", (since, None), "T",
            {"kinds": [kind], "trigger": "grant", "base": "filing", "months": 12 * years, "met_by": ["expire"],
             "duty": False},
        )
        for kind, years, since in (
            ("invention", 20, _FROM_1993), ("utility_model", 10, _FROM_1993), ("design", 15, _FROM_2021),
        )
    ),
    _rule(
        "cn.patent.deadline.term_old_design", 1, ("End of the term", "期限届满"), f"{_LAW} (2008)", "Art. 42",
        (_FROM_1993, dt.date(2021, 5, 31)), "M",
        {"kinds": ["design"], "trigger": "grant", "base": "filing", "months": 120, "met_by": ["expire"],
         "duty": False},
    ),
)  # fmt: skip
_INTO_CHINA = _NATIONAL | {
    "months": 30, "about": "CNIPA", "met_by": ["enter_national"], "by_due": True, "grace": {"steps": [{"months": 2}]},
    **_NEXT,
}  # fmt: skip
ABROAD: tuple[PackRule, ...] = (
    _rule(
        "pct.patent.deadline.cn", 1, ("National phase in China", "进入中国国家阶段"), _RULES_2010, "Rule 103",
        (_FROM_2010, _TO_2024), "M", _INTO_CHINA, "PCT",
    ),
    _rule(
        "pct.patent.deadline.cn", 2, ("National phase in China", "进入中国国家阶段"), _RULES_2023, "Rule 120",
        (_FROM_2024, None), "T", _INTO_CHINA, "PCT",
    ),
    _rule(
        "pct.patent.deadline.ep", 1, ("Regional phase at the EPO", "进入欧洲地区阶段"), "European Patent Convention",
        "Rule 159(1), 134(1)", (_FROM_2010, None), "S",
        _NATIONAL | {"months": 31, "about": "EPO", "met_by": ["enter_national"], "roll": "next", "calendar": "EP"},
        "PCT",
    ),
    _rule(
        "pct.patent.deadline.us", 1, ("National phase in the United States", "进入美国国家阶段"),
        "Patent Cooperation Treaty", "Art. 22, 39", (_FROM_2010, None), "S",
        _NATIONAL | {"months": 30, "about": "USPTO", "met_by": ["enter_national"], "roll": "next", "calendar": "US"},
        "PCT",
    ),
    _rule(
        "ep.patent.deadline.renewal", 1, ("Renewal fee", "维持费"), "European Patent Convention",
        "Art. 86; Rules 51, 134(1)", (_FROM_2010, None), "S",
        {"offices": ["EPO"], "kinds": ["invention"], "trigger": "file", "base": "filing", "month_end": True,
         "repeat": {"first": 3, "last": {"invention": 20}}, "ends_with": ["grant"], "met_by": ["pay"],
         "grace": {"steps": [{"months": 6, "surcharge_bps": 5000}], "month_end": True}, "fee": "ep.patent.fee.renewal",
         "by_due": True, "roll": "next", "calendar": "EP"},
        "EP",
    ),
    *(
        _rule(
            f"us.patent.deadline.maintenance_{number}", 1,
            (f"Maintenance fee of {years} years", f"第{years}年维持费"), "37 CFR", "1.362", (_FROM_2010, None), "S",
            {"offices": ["USPTO"], "kinds": ["invention"], "trigger": "grant", "base": "grant", "months": months,
             "opens": 6, "grace": {"steps": [{"months": 6}]}, "about": years, "met_by": ["pay"],
             "fee": "us.patent.fee.maintenance", "roll": "next", "calendar": "US"},
            "US",
        )
        for number, years, months in ((1, "3.5", 42), (2, "7.5", 90), (3, "11.5", 138))
    ),
)  # fmt: skip

DEADLINES: tuple[PackRule, ...] = OF_FILING + OF_NOTICES + OF_PATENTS + ABROAD
"""All rules about days; what starts with '….service.' says when a document counts as received."""
