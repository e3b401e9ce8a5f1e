"""Older patents that came with a venture: one in use under both bodies of law, one that has lapsed and can be restored.

Their days are fixed to the laws of their time, but for the anniversaries: those follow the day of the demonstration, so
that there is always a fee in its time of grace, and a right that can still be asked back.
"""

import datetime as dt
from typing import Any

from incubator.demo.patents import Invention
from incubator.demo.stage import YUAN, Stage
from incubator.patents import queries, services
from incubator.patents.engines.deadlines import ServiceMode, add_months
from incubator.patents.engines.numbers import check_digit
from incubator.patents.engines.remuneration import Mode
from incubator.patents.models import Award, Exploitation, MatterEventKind
from incubator.rules import queries as rules

K = MatterEventKind
DAY = dt.timedelta(days=1)
NOTICE_AGO = 20
"""Days since the office told that the right has lapsed."""


class Older(Invention):
    """A patent that was granted before the platform was there, and is entered with its history."""

    def plan(self) -> None:
        """Told, agreed and decided as any other; then its history is entered, and what it earned."""
        diary, day = self.stage.diary, self.data["day"]
        steps = (self.disclose, self.agree, self.take_up, self.assess, self.propose, self.decide, self.enter)
        for after, act in enumerate(steps):
            diary.on(day + after, act)
        if "lapse" in self.data:
            diary.on(1 - NOTICE_AGO, self.lapse)
        if "use" in self.data:
            diary.on(day + len(steps), self.use)
            diary.on(day + len(steps) + 1, self.choose)
            diary.on(day + len(steps) + 2, self.calculate_all)
            diary.on(day + len(steps) + 3, self.approve)
            diary.on(day + len(steps) + 5, self.pay)

    @property
    def filed_on(self) -> dt.date:
        """The day of the year on which its next unpaid fee was due, in the year of its filing."""
        due = self.stage.diary.date(self.data["fee_due"])
        year: int = self.data["filed_year"]
        return add_months(due, 12 * (year - due.year))

    def record(self, kind: MatterEventKind, on: dt.date, **said: Any) -> None:
        """One event of its history."""
        services.record(self.counsel, self.matter, kind=kind, happened_on=on, **said)

    def enter(self) -> None:
        """Filing, publication, grant, and the fees that were paid."""
        digits = f"{self.filed_on.year}{self.data['serial']}"
        self.record(K.FILE, self.filed_on, number=f"{digits}.{check_digit(digits)}")
        if "published" in self.data:
            self.record(K.PUBLISH, self.data["published"])
            self.record(K.REQUEST_EXAMINATION, self.data["published"] + DAY)
        granted: dt.date = self.data["granted"]
        award = services.record_grant(self.counsel, self.matter, happened_on=granted)
        if award is None:
            raise LookupError("by law an award follows from a patent granted in China")
        self.award = award
        for year in range(_year_of(self.filed_on, granted) + 1, self._unpaid):
            due = add_months(self.filed_on, 12 * (year - 1))
            self.record(K.PAY, due - 12 * DAY, about=str(year), evidence=self.data["receipt"])

    @property
    def _unpaid(self) -> int:
        """The year of the patent whose fee was not paid."""
        due = self.stage.diary.date(self.data["fee_due"])
        return due.year - self.filed_on.year + 1

    def lapse(self) -> None:
        """The time of grace passed, and the office has said so."""
        on = self.stage.diary.date(-NOTICE_AGO)
        self.record(K.LAPSE, on, service_mode=ServiceMode.ELECTRONIC, evidence=self.data["lapse"])

    def use(self) -> None:
        """What own production earned, a record a year."""
        self.records: list[Exploitation] = [
            services.record_use(
                self.counsel, self.matter, mode=Mode.OWN_USE, from_on=one["from"], to_on=one["to"],
                income=one["profit"] * YUAN, evidence=one["statement"],
            )
            for one in self.data["use"]
        ]  # fmt: skip

    def choose(self) -> None:
        """Announced under the law before: counsel says which holds for the use since."""
        latest = self.records[-1]
        number = max(rule.number for rule in rules.of_law("cn.patent.remuneration"))
        services.choose_rule(self.counsel, latest, number=number, reason=self.data["regime"])

    def calculate_all(self) -> None:
        """HR computes the award and what is owed for each record."""
        for award in self._owed():
            services.calculate(self.stage.story["hr"], award)

    def approve(self) -> None:
        """The second person signs what rests on a confirmed rule; the rest waits."""
        for award in self._settled():
            services.approve(self.stage.story["hr_second"], award)

    def pay(self) -> None:
        """Payroll has paid it."""
        on = self.stage.diary.date(self.data["paid"])
        for award in self._settled():
            services.pay(self.stage.story["hr"], award, paid_on=on, reference=self.data["payment"])

    def _owed(self) -> list[Award]:
        return [self.award, *(award for record in self.records for award in queries.owed_for(record))]

    def _settled(self) -> list[Award]:
        return [award for award in self._owed() if rules.is_confirmed(award.rule)]


def _year_of(filed_on: dt.date, day: dt.date) -> int:
    """The year of the patent that a day lies in."""
    years = day.year - filed_on.year
    return years + (add_months(filed_on, 12 * years) <= day)


def plan(stage: Stage, data: dict[str, Any]) -> None:
    """Every older patent of the words."""
    for invention in data["older"]:
        Older(stage, invention).plan()
