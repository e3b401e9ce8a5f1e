"""The patent docket: each invention goes as far as its words say, and one award waits for its second signature."""

from typing import Any

from incubator.demo.stage import Stage
from incubator.patents import services
from incubator.patents.engines.completeness import Funding
from incubator.patents.engines.numbers import PatentKind, check_digit
from incubator.patents.engines.remuneration import Mode
from incubator.patents.models import Award, Disclosure, LicenceKind, Matter
from incubator.patents.states import Decision
from incubator.people.models import Person
from incubator.proposals.models import Consent

CENTS = 100
"""Minor units of the licence's currency."""


class Invention:
    """One invention on its way."""

    def __init__(self, stage: Stage, data: dict[str, Any]) -> None:
        self.stage, self.data = stage, data
        self.disclosure: Disclosure
        self.matter: Matter
        self.award: Award

    @property
    def counsel(self) -> Person:
        """Who looks after it."""
        return self.stage.story["counsel"]

    @property
    def second(self) -> Person:
        """Who signs the decision to file: chemicals has a counsel of its own, elsewhere the office signs."""
        chemicals = self.stage.companies["chem"].path
        own = self.disclosure.company.path.startswith(chemicals)
        return self.stage.people["tao_ran"] if own else self.stage.story["office"]

    def plan(self) -> None:
        """Put its steps into the diary."""
        diary, data, day = self.stage.diary, self.data, self.data["day"]
        diary.on(day, self.disclose)
        if "assessment" in data:
            diary.on(day + 1, self.agree)
            diary.on(day + 2, self.take_up)
            diary.on(day + 5, self.assess)
            diary.on(day + 6, self.propose)
        for step, act in (
            ("published", self.publish), ("examined", self.examine), ("granted", self.grant), ("filed", self.file),
        ):  # fmt: skip
            if step in data:
                diary.on(data[step], act, hour=15)
        if "licensed" in data:
            diary.on(-1, self.license)
        if "filed" in data or "decision" in data:
            diary.on(day + 8, self.decide)
        if "granted" in data:
            diary.on(data["granted"] + 4, self.calculate)

    def disclose(self) -> None:
        """The lead writes it down and names the inventors."""
        people, data = self.stage.people, self.data
        self.disclosure = services.disclose(
            people[data["lead"]],
            self.stage.ventures[data["venture"]],
            title=data["title"],
            problem=data["problem"],
            solution=data["solution"],
            prior_art=data["prior_art"],
            lang=data["lang"],
            funding=Funding(data.get("funding", "own")),
            funding_details=data.get("funding_details", ""),
            nothing_shown="planned" not in data,
            planned_on=self.stage.diary.date(data["planned"]) if "planned" in data else None,
            no_rights=True,
            shares=[(people[key], points) for key, points in data["shares"].items()],
        )

    def agree(self) -> None:
        """The other inventors accept their shares."""
        for share in self.disclosure.shares:
            if share.consent is Consent.ASKED:
                services.accept_share(share.person, share)

    def take_up(self) -> None:
        """A counsel of the company looks after it from now on."""
        reason = {"en": "Search and assessment", "zh": "检索与评估"}[self.data["lang"]]
        services.take_up(self.counsel, self.disclosure, reason=reason)

    def assess(self) -> None:
        """Counsel writes down what the search found."""
        services.assess(self.counsel, self.disclosure, assessment=self.data["assessment"])

    def propose(self) -> None:
        """Counsel proposes what becomes of it: to file, unless its words say otherwise."""
        services.propose(
            self.counsel,
            self.disclosure,
            decision=Decision(self.data.get("decision", "file")),
            kind=PatentKind(self.data["kind"]),
            reason=self.data["filing"],
            measures=self.data.get("measures", ""),
        )

    def decide(self) -> None:
        """A second person signs, and there is a matter where it is to be filed."""
        matter = services.decide(self.second, self.disclosure)
        if matter is not None:
            self.matter = matter

    def file(self) -> None:
        """The office's receipt with its number, check digit and all."""
        on = self.stage.diary.date(self.data["filed"])
        digits = f"{on.year}{self.data['serial']}"
        number = f"{digits}.{check_digit(digits)}"
        services.record_filing(self.counsel, self.matter, happened_on=on, number=number)

    def publish(self) -> None:
        """The office publishes it."""
        on = self.stage.diary.date(self.data["published"])
        services.record_publication(self.counsel, self.matter, happened_on=on)

    def examine(self) -> None:
        """The office examines it."""
        on = self.stage.diary.date(self.data["examined"])
        services.record_examination(self.counsel, self.matter, happened_on=on)

    def grant(self) -> None:
        """The grant is announced: an award is due."""
        on = self.stage.diary.date(self.data["granted"])
        award = services.record_grant(self.counsel, self.matter, happened_on=on, evidence=self.data["announcement"])
        if award is None:
            raise LookupError("by law an award follows from a patent granted in China")
        self.award = award

    def license(self) -> None:
        """The granted patent is licensed, and its first income recorded: the inventors are owed a part of it."""
        diary, licensed = self.stage.diary, self.data["licensed"]
        on = diary.date(licensed["day"])
        licence = services.give_licence(
            self.counsel, self.matter, licensee=licensed["licensee"], kind=LicenceKind.ORDINARY, from_on=on,
            fee=licensed["fee"] * CENTS, evidence=licensed["contract"], currency=licensed["currency"],
        )  # fmt: skip
        services.record_use(
            self.counsel, self.matter, mode=Mode.LICENCE, from_on=on, to_on=diary.date(-2), licence=licence,
            income=licensed["income"] * CENTS, costs=licensed["costs"] * CENTS, evidence=licensed["statement"],
            currency=licensed["currency"],
        )  # fmt: skip

    def calculate(self) -> None:
        """HR computes the award; the second person has not signed yet."""
        services.calculate(self.stage.story["hr"], self.award)


def plan(stage: Stage, data: dict[str, Any]) -> None:
    """Every invention of the words."""
    for invention in data["invention"]:
        Invention(stage, invention).plan()
