"""The offer of a grant as a letter in both languages, and the fingerprints of what is signed."""

import datetime as dt
import hashlib
from decimal import Decimal
from typing import Any

import rfc8785
from babel.dates import format_date
from babel.numbers import format_decimal

from incubator.core.money import MINOR_DIGITS
from incubator.equity.engines.vesting import ENGINE_VERSION
from incubator.equity.models import EquityGrant, PlanKind
from incubator.equity.services.vesting import rebuild

LOCALES = {"en": "en_GB", "zh": "zh_Hans_CN"}
KINDS = {
    "en": {
        PlanKind.OPTION: "options on",
        PlanKind.RSU: "restricted units of",
        PlanKind.RESTRICTED: "restricted units of",
        PlanKind.PHANTOM: "phantom units of",
        PlanKind.SAR_STOCK: "appreciation rights, settled in shares, on",
        PlanKind.SAR_CASH: "appreciation rights, settled in money, on",
        PlanKind.SHARE_AWARD: "awarded units of",
        PlanKind.PROJECT_REVENUE: "units of project revenue beside",
        PlanKind.POST_DIVIDEND: "units of post dividend beside",
        PlanKind.VALUE_GROWTH: "points in the growth of",
        PlanKind.GROWTH_RIGHT: "rights to value growth, settled in money, beside",
        PlanKind.GROWTH_TRANSFER: "points in a share transfer on value growth beside",
    },
    "zh": {
        PlanKind.OPTION: "期权",
        PlanKind.RSU: "限制性股权单位",
        PlanKind.RESTRICTED: "限制性股权",
        PlanKind.PHANTOM: "虚拟股权",
        PlanKind.SAR_STOCK: "股权结算的增值权",
        PlanKind.SAR_CASH: "现金结算的增值权",
        PlanKind.SHARE_AWARD: "股权奖励",
        PlanKind.PROJECT_REVENUE: "项目收益分红份额",
        PlanKind.POST_DIVIDEND: "岗位分红份额",
        PlanKind.VALUE_GROWTH: "价值增长份额",
        PlanKind.GROWTH_RIGHT: "现金结算的价值增长权",
        PlanKind.GROWTH_TRANSFER: "价值增长股权转让份额",
    },
}
TEXT = {
    "en": """Offer of grant {number}

To {holder} (HR number {hr_number})

{issuer} offers you {units} {kind} its capital ({unit}) under the plan “{plan}” at {price} each. The grant is dated \
{granted_on}; vesting starts on {starts_on}.

What vests, and when:
{lines}

Nothing vests before its day. The grant takes effect when you accept it in the system; until then it binds nobody. \
The plan's terms and the law apply; where this letter and the Chinese text differ, the Chinese text counts.
""",
    "zh": """授予要约 {number}

致 {holder}（工号 {hr_number}）

{issuer} 依据《{plan}》向您授予 {units} {unit}{kind}，价格为每{unit} {price}。\
授予日为 {granted_on}，归属起算日为 {starts_on}。

归属安排：
{lines}

未到归属日的部分不归属。本授予自您在系统中确认接受之时生效，此前对双方均无约束力。本授予适用计划条款及有关法律法规；\
中英文文本不一致的，以中文文本为准。
""",
}
LINE = {"en": "- {on}: {units}, {total} in all", "zh": "- {on}：归属 {units}，累计 {total}"}


def write(grant: EquityGrant) -> dict[str, str]:
    """The letter of a grant, {en, zh}; the same grant gives the same text."""
    return {language: _write(grant, language) for language in LOCALES}


def _write(grant: EquityGrant, language: str) -> str:
    plan, security = grant.plan, grant.plan.security
    lines = [
        LINE[language].format(
            on=_day(line.vests_on, language),
            units=_units(grant, line.units, language),
            total=_units(grant, line.cumulative, language),
        )
        for line in rebuild(grant)
    ]
    return TEXT[language].format(
        number=grant.number,
        holder=grant.holder.name,
        hr_number=grant.holder.hr_number,
        issuer=security.issuer.name,
        units=_units(grant, grant.units, language),
        kind=KINDS[language][plan.kind],
        unit=security.unit[language],
        plan=plan.title[language],
        price=_price(grant, language),
        granted_on=_day(grant.granted_on, language),
        starts_on=_day(grant.starts_on, language),
        lines="\n".join(lines),
    )


def _day(day: dt.date, language: str) -> str:
    return str(format_date(day, "long", locale=LOCALES[language]))


def _units(grant: EquityGrant, units: int, language: str) -> str:
    return str(format_decimal(grant.plan.security.quantity(units), locale=LOCALES[language]))


def _price(grant: EquityGrant, language: str) -> str:
    digits = MINOR_DIGITS[grant.currency]
    amount = Decimal(grant.price_minor).scaleb(-digits)
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return f"{grant.currency} {format_decimal(amount, pattern, locale=LOCALES[language])}"


def fingerprint(content: Any) -> bytes:
    """SHA-256 of the canonical JSON (RFC 8785); 32 bytes."""
    return hashlib.sha256(rfc8785.dumps(content)).digest()


def content_of(grant: EquityGrant) -> dict[str, Any]:
    """What is signed, rebuilt from the rows as they are now: plain values, no names."""
    plan, security = grant.plan, grant.plan.security
    return {
        "grant": grant.number,
        "plan": plan.public_id,
        "venture": plan.venture.number,
        "class": {"code": security.code, "decimals": security.decimals, "total_units": security.total_units},
        "holder": grant.holder.public_id,
        "units": grant.units,
        "price_minor": grant.price_minor,
        "currency": grant.currency,
        "granted_on": grant.granted_on.isoformat(),
        "starts_on": grant.starts_on.isoformat(),
        "terms": grant.terms,
        "schedule": [[line.vests_on.isoformat(), line.units] for line in rebuild(grant)],
        "engine": ENGINE_VERSION,
        "rules": grant.rules,
        "letter_sha256": fingerprint(grant.letter or {}).hex(),
    } | ({"facts": grant.facts} if grant.facts else {})
