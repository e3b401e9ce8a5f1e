"""From drafts to the office's check: each proposal goes as far as its words say."""

from functools import partial
from io import BytesIO
from typing import Any

from incubator.demo.stage import YUAN, Stage
from incubator.people.models import Person
from incubator.people.predicates import SYSTEM
from incubator.proposals import queries, services
from incubator.proposals.models import Proposal
from incubator.proposals.services import Asked, Share

FIRST = 2
"""Days after the opening when the first draft is begun."""
NOT_HANDED_IN = ("draft", "lapsed")
LATER = {"appealed": 6, "merged": 9, "clarification": 7}
"""Days after the draft when a proposal goes on from where it stood: when the others it has to do with are there."""
NOT_SCREENED = (*NOT_HANDED_IN, "awaiting_team", "submitted")


def plan(stage: Stage, call: dict[str, Any], data: list[dict[str, Any]], *, apart: int) -> None:
    """The drafts of a call are begun some days apart; each takes a day a step."""
    for index, pitch in enumerate(data):
        _plan_pitch(stage, call, pitch, call["opens"] + FIRST + index * apart)


def screened(call: dict[str, Any], index: int, apart: int) -> int:
    """The day after the office has begun to check a call's proposal number `index`."""
    return int(call["opens"]) + FIRST + index * apart + 4


def _plan_pitch(stage: Stage, call: dict[str, Any], pitch: dict[str, Any], day: int) -> None:
    diary, ends = stage.diary, pitch["ends"]
    office = call["office"]
    diary.on(day, lambda: _write(stage, call, pitch), hour=11)
    if ends == "lapsed":
        diary.on(call["closes"] + 1, lambda: services.lapse(SYSTEM, _of(stage, pitch)), hour=1)
    if "wanted" in pitch:
        diary.on(day + 1, lambda: _look_for_people(stage, pitch), hour=15)
    if ends in NOT_HANDED_IN:
        return
    diary.on(day + 1, lambda: services.ask_team(_of(stage, pitch).lead, _of(stage, pitch)), hour=9)
    if ends != "awaiting_team":
        diary.on(day + 2, lambda: _agree(stage, pitch), hour=16)
    if ends not in NOT_SCREENED:
        diary.on(day + 3, lambda: services.screen(stage.people[office], _of(stage, pitch)))
    diary.on(day + 4, lambda: _end(stage, office, pitch), hour=15)
    for hour, said in enumerate(pitch.get("talk", ()), 16):
        diary.on(day + 4, partial(_say, stage, pitch, said), hour=hour)
    if ends in LATER:
        diary.on(day + LATER[ends], lambda: _go_on(stage, call, pitch), hour=16)


def _of(stage: Stage, pitch: dict[str, Any]) -> Proposal:
    return stage.proposals[pitch["key"]]


def _write(stage: Stage, call: dict[str, Any], pitch: dict[str, Any]) -> None:
    lead = stage.people[pitch["lead"]]
    proposal = services.create_draft(lead, stage.calls[call["key"]], lang=pitch["lang"])
    stage.proposals[pitch["key"]] = proposal
    answers = dict(pitch["answers"])
    if "revenue" in answers:
        answers["revenue"] *= YUAN
    services.save(
        lead,
        proposal,
        title=pitch["title"],
        answers=answers,
        theme=stage.themes[pitch["theme"]],
        asked=pitch["asked"] * YUAN if "asked" in pitch else None,
        revision=queries.newest(proposal).revision,
    )
    if "attachment" in pitch:
        file = BytesIO(pitch["attachment"]["text"].encode())
        services.attach(lead, proposal, file=file, name=pitch["attachment"]["name"])
    if "team" in pitch:
        services.set_team(lead, proposal, members=[_share(stage, member) for member in pitch["team"]])


def _share(stage: Stage, member: dict[str, Any]) -> Share:
    return Share(stage.people[member["person"]], member["part"], member["share"] * 100)


def _agree(stage: Stage, pitch: dict[str, Any]) -> None:
    proposal = _of(stage, pitch)
    others: list[tuple[Person, Any]] = [(m.person, m) for m in proposal.team if m.person_id != proposal.lead_id]
    for person, member in others:
        services.accept_share(person, member)


def _end(stage: Stage, office: str, pitch: dict[str, Any]) -> None:
    """What ends, or interrupts, a proposal before it comes to a committee."""
    officer, proposal = stage.people[office], _of(stage, pitch)
    match pitch["ends"]:
        case "returned":
            services.return_(officer, proposal, reason=pitch["reason"], due_on=stage.diary.date(10))
        case "ineligible" | "appealed":
            services.rule_out(officer, proposal, reason=pitch["reason"])
        case "withdrawn":
            services.withdraw(proposal.lead, proposal, reason=pitch["reason"])


def _say(stage: Stage, pitch: dict[str, Any], said: dict[str, str]) -> None:
    """Somebody says something about a proposal, and follows it from then on."""
    person, proposal = stage.people[said["person"]], _of(stage, pitch)
    services.write_comment(person, proposal, text=said["text"])
    if person.id != proposal.lead_id:
        services.follow(person, proposal)


def _look_for_people(stage: Stage, pitch: dict[str, Any]) -> None:
    """Its proposer tells colleagues whom the team looks for, and somebody may offer to join."""
    proposal = _of(stage, pitch)
    words = pitch["answers"]["summary"]
    services.open_to_colleagues(proposal.lead, proposal, summary=words, wanted=pitch["wanted"])
    if "offer" in pitch:
        offer = pitch["offer"]
        services.offer_to_join(stage.people[offer["person"]], proposal, skills=offer["skills"])


def _go_on(stage: Stage, call: dict[str, Any], pitch: dict[str, Any]) -> None:
    """What becomes of a proposal once it was checked, or while it is judged."""
    proposal = _of(stage, pitch)
    match pitch["ends"]:
        case "appealed":
            services.appeal(proposal.lead, proposal, reason=pitch["appeal"])
        case "merged":
            services.merge(
                stage.people[call["office"]], proposal, survivor=stage.proposals[pitch["survivor"]],
                reason=pitch["reason"], credit_bp=0,
            )  # fmt: skip
        case "clarification":
            chair = proposal.call.committee.chair
            assert chair is not None  # noqa: S101 - a committee that judges has one
            questions = [Asked(question) for question in pitch["questions"]]
            services.ask(chair.person, proposal, questions=questions, due_on=stage.diary.date(4))
