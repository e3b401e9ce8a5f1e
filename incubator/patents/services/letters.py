"""The letter that tells an inventor what they are owed, for what, and by which rule; in both languages."""

from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select

from incubator.core import audit
from incubator.core.db import db
from incubator.files import letters, services
from incubator.files.letters import LOCALES, PDF, Letter
from incubator.patents.models import AwardKind, AwardLetter, AwardShare
from incubator.people.predicates import SYSTEM
from incubator.web.formats import money, percent
from incubator.web.words import local_words


def write(share_id: int) -> int:
    """Typeset both letters of one part that still lack; answers how many were written. Repeatable."""
    share = db.session.scalars(select(AwardShare).where(AwardShare.id == share_id).with_for_update()).one()
    of_share = select(AwardLetter.lang).where(AwardLetter.award_share_id == share.id)
    missing = [lang for lang in LOCALES if lang not in set(db.session.scalars(of_share))]
    with audit.because(SYSTEM, "award.write_letter"):
        for lang in missing:
            _write(share, lang)
    return len(missing)


def _write(share: AwardShare, lang: str) -> None:
    values = content(share, lang)
    data = letters.pdf("letter", values, lang)
    file = services.keep_own(data, f"{share.award.number}-{lang}.pdf", PDF)
    db.session.add(AwardLetter(award_share=share, lang=lang, file=file))
    said = {"person": share.person.public_id, "lang": lang, "text": letters.fingerprint(values).hex()}
    audit.record("award.write_letter", share.award, said)


def content(share: AwardShare, lang: str) -> Letter:
    """What the letter says. Its date is the day on which the award came into the payroll."""
    award = share.award
    with force_locale(LOCALES[lang]):
        is_award = award.kind == AwardKind.AWARD
        return Letter(
            group=local_words(award.company.name),
            number=award.number,
            date=audit.event_of(award, "award.enter_payroll").at.date(),
            to=[share.person.name, _("HR number %(number)s", number=share.person.hr_number)],
            title=_("Award to the inventors of a patent") if is_award else _("Remuneration for the use of a patent"),
            body=[*_words(share), _table(share)],
            closing=[local_words(award.company.name)],
        )


def _words(share: AwardShare) -> list[str]:
    award = share.award
    how: dict[str, Any] = award.calculation
    patent = award.matter.application_number or award.matter.number
    if award.kind == AwardKind.AWARD:
        what = _(
            "The grant of the patent with application number %(patent)s was announced on %(day)s. By law or by the "
            "rule of your company its inventors are owed an award.",
            patent=patent, day=how["announced_on"],
        )  # fmt: skip
    else:
        what = _(
            "The patent with application number %(patent)s was put to use from %(first)s to %(last)s. By law or by the "
            "rule of your company its inventors are owed a part of what it earned.",
            patent=patent, first=how["from_on"], last=how["to_on"],
        )  # fmt: skip
    rule = _("Rule: %(source)s, %(article)s.", source=award.rule.source, article=award.rule.article)
    paid = _("It is paid with the payroll; it counts in the payroll total, which does not limit it.")
    return [what, rule, paid]


def _table(share: AwardShare) -> letters.Table:
    award = share.award
    return letters.Table(
        head=[_("What"), _("Amount")],
        rows=[
            [_("All inventors together"), money(award.amount, award.currency)],
            [_("Your share"), percent(share.share_bp, 2)],
            [_("Your part"), money(share.amount, award.currency)],
        ],
    )
