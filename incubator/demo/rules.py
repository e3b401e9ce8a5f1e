"""The rules of law are installed, and two persons confirm those that awards and grants will rest on."""

from sqlalchemy import select

from incubator.core.db import db
from incubator.demo.group import FOUNDED
from incubator.demo.stage import Stage
from incubator.rules import services
from incubator.rules.models import RuleVersion

BY_HR = ("cn.equity.total", "cn.equity.person", "cn.equity.lock", "cn.equity.once", "cn.equity.price")
BY_COUNSEL_AND_HR = ("cn.patent.award", "cn.patent.payroll", "cn.patent.precedence")
OF_DEADLINES = (
    "cn.patent.deadline.priority", "cn.patent.deadline.publication", "cn.patent.deadline.examination",
    "cn.patent.deadline.annual_fee", "cn.patent.service.electronic",
)  # fmt: skip
"""Days that the docket shows as certain; those known from secondary pages alone still wait for their confirmation."""
OF_THE_PAST = ("cn.patent.remuneration", 1)
"""The law on remuneration until January 2024, by which an older patent's use is paid; the one since then waits."""
BY_ONE = "cn.equity.post_dividend"
"""One person has confirmed it; the second is still asked."""


def plan(stage: Stage) -> None:
    """Install on one day, confirm on the next, the second person a day later."""
    diary, story = stage.diary, stage.story
    diary.on(FOUNDED + 1, services.install_packs)
    diary.on(FOUNDED + 2, lambda: _confirm(stage, "hr", *BY_HR))
    diary.on(FOUNDED + 2, lambda: _confirm(stage, "counsel", *BY_COUNSEL_AND_HR, *OF_DEADLINES), hour=14)
    diary.on(FOUNDED + 3, lambda: _confirm(stage, "hr_second", *BY_HR, *BY_COUNSEL_AND_HR, *OF_DEADLINES))
    for part in ("counsel", "hr"):
        diary.on(FOUNDED + 4, lambda part=part: services.confirm(story[part], _of_the_past()))  # type: ignore[misc]
    diary.on(-6, lambda: services.confirm(story["hr"], _versions(BY_ONE)[0]))


def _confirm(stage: Stage, part: str, *codes: str) -> None:
    for code in codes:
        for version in _versions(code):
            services.confirm(stage.story[part], version)


def _of_the_past() -> RuleVersion:
    code, number = OF_THE_PAST
    return next(rule for rule in _versions(code) if rule.number == number)


def _versions(code: str) -> list[RuleVersion]:
    law = select(RuleVersion).where(RuleVersion.code == code, RuleVersion.company_id.is_(None))
    return list(db.session.scalars(law.order_by(RuleVersion.number)))
