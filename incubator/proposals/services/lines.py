"""A table of proposals: one line a proposal, a column a question of the call, its team and its files."""

import io
import lzma
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Annotated, Any, TypeVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from pydantic import Field, create_model

from incubator.calls.models import Call, Theme
from incubator.calls.templates import FieldSpec, FormTemplate, Kind
from incubator.core.errors import Invalid
from incubator.people.models import Person
from incubator.people.queries import by_hr_number
from incubator.proposals import words
from incubator.proposals.engines import answers as engine
from incubator.proposals.engines import shares
from incubator.proposals.services.teams import LARGEST, Share
from incubator.web.sheets import Amount, Day, Heading, Row, RowError, read
from incubator.web.sheets.values import read_points

T = TypeVar("T")
MOST = 200
"""Proposals of one table: some seconds' work."""
MOST_ASKED = 10**15
"""Minor units, as for a text that is kept."""
MOST_ENTRIES, LARGEST_UNPACKED = 1_000, 200 * 1024 * 1024
DAMAGED = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError, ValueError, OSError, NotImplementedError,
)  # fmt: skip
"""What zipfile raises at a file that is not whole, or locked."""
TABLES = (".csv", ".xlsx")
KINDS: dict[Kind, Any] = {Kind.MONEY: Amount, Kind.NUMBER: int, Kind.DATE: Day}
TEAM_MATE = re.compile(r"^\s*([^:：]+)[:：]\s*([^:：]+?)\s*(?:[:：]\s*(.+))?$")


class ProposalRow(Row):
    """What every table of proposals has; the questions of the call are added by `model_for`."""

    lead: Annotated[str, Heading(_l("HR number of the proposer"))]
    title: Annotated[str, Field(max_length=200), Heading(_l("Title"))]
    theme: Annotated[str, Heading(_l("Theme"))] = ""
    asked: Annotated[Amount | None, Heading(_l("Cloud credits asked"))] = None
    lang: Annotated[str, Field(pattern="^(en|zh)$"), Heading(_l("Language"))] = "zh"
    team: Annotated[str, Heading(_l("Team"))] = ""
    files: Annotated[str, Heading(_l("Files"))] = ""


@dataclass(frozen=True)
class Planned:
    """A draft that a line makes. files: (question or empty, name, bytes) each."""

    lead: Person
    title: str
    theme: Theme | None
    asked: int | None
    lang: str
    answers: dict[str, Any]
    team: list[Share]
    files: list[tuple[str, str, bytes]]


@dataclass
class Plan:
    """What a table would make, and what is wrong with it; nothing is made while something is."""

    drafts: list[Planned] = field(default_factory=list)
    faults: list[RowError] = field(default_factory=list)


def model_for(call: Call) -> type[ProposalRow]:
    """The line of a call: a column for each question that words or figures answer; tables are filled in by hand."""
    asked: dict[str, Any] = {
        f"q_{key}": (Annotated[KINDS.get(spec.kind, str) | None, Heading(spec.label)], None)
        for key, spec in FormTemplate.of(call.form).fields.items()
        if spec.kind is not Kind.TABLE
    }
    return create_model("CallRow", __base__=ProposalRow, **asked)


def unpack(data: bytes, name: str) -> tuple[bytes, str, dict[str, bytes]]:
    """The table of an upload with the files beside it, by their names: of a ZIP file, or alone. Raises Invalid at file.

    What a file is, and whether it may be kept, is asked when it is kept.
    """
    if not name.lower().endswith(".zip"):
        return data, name, {}
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        entries = [one for one in archive.infolist() if not one.is_dir()]
        if len(entries) > MOST_ENTRIES or sum(one.file_size for one in entries) > LARGEST_UNPACKED:
            raise Invalid(_("This file unpacks to far more than proposals need."), field="file")
        _check_names([PurePosixPath(one.filename).name for one in entries])
        found = {PurePosixPath(one.filename).name: archive.read(one) for one in entries}
    except DAMAGED as error:
        raise Invalid(_("This ZIP file is damaged or locked."), field="file") from error
    return from_folder(found)


def _check_names(names: list[str]) -> None:
    """A table names a file by its name alone, so each name stands for one. Raises Invalid at file."""
    twice = next((name for name, number in Counter(names).items() if number > 1), None)
    if twice is not None:
        raise Invalid(_("Two files are called “%(name)s”. Give each a name of its own.", name=twice), field="file")


def from_folder(found: Mapping[str, bytes]) -> tuple[bytes, str, dict[str, bytes]]:
    """The one table among files, and the others. Raises Invalid at file without exactly one table named 'proposals'."""
    tables = [name for name in found if name.lower() in {f"proposals{end}" for end in TABLES}]
    if len(tables) != 1:
        raise Invalid(_("One table is needed, called proposals.csv or proposals.xlsx."), field="file")
    return found[tables[0]], tables[0], {name: data for name, data in found.items() if name != tables[0]}


def plan(call: Call, data: bytes, name: str, files: Mapping[str, bytes]) -> Plan:
    """Read a table for a call; every fault names its line. Raises Invalid at file for what is no table or too long."""
    model = model_for(call)
    sheet = read(data, name, model)
    if len(sheet.rows) > MOST:
        raise Invalid(_("At most %(n)s at a time.", n=MOST), field="file")
    made = Plan(faults=list(sheet.errors))
    for line, row in sheet.rows:
        faults = Faults()
        planned = _planned(call, row, files, faults)
        if planned is not None and not faults:
            made.drafts.append(planned)
        made.faults += [RowError(line, _column(model, one.field), str(one.message)) for one in faults]
    made.faults.sort(key=lambda one: one.line)
    if not made.drafts and not made.faults:
        raise Invalid(_("This table names no proposal."), field="file")
    return made


def _column(model: type[ProposalRow], key: str | None) -> str:
    found = model.model_fields.get(key or "")
    return str(next((one.label for one in found.metadata if isinstance(one, Heading)), "")) if found else ""


class Faults(list[Invalid]):
    """What is wrong with one line, all of it."""

    def of(self, read: Callable[[], T]) -> T | None:
        """What is read, or None with its fault noted."""
        try:
            return read()
        except Invalid as fault:
            self.append(fault)
            return None


def _planned(call: Call, row: Any, files: Mapping[str, bytes], faults: Faults) -> Planned | None:
    """The draft that a line makes; None, or with faults noted, where it makes none."""
    form = FormTemplate.of(call.form)
    lead = faults.of(lambda: _lead(call, row.lead))
    theme = faults.of(lambda: _theme(call, row.theme))
    if row.asked is not None and not 0 < row.asked <= MOST_ASKED:
        faults.append(Invalid(_("Enter an amount above zero."), field="asked"))
    team = faults.of(lambda: _team(lead, row.team)) if lead else None
    named = faults.of(lambda: _files(form, row.files, files))
    given = {key: _answer(spec, getattr(row, f"q_{key}", None)) for key, spec in form.fields.items()}
    answers = {key: value for key, value in given.items() if value is not None}
    for problem in engine.check(form, row.title, answers):
        faults.append(Invalid(words.fault(problem.fault, problem.limit), field=f"q_{problem.key}"))
    if lead is None or team is None or named is None:
        return None
    return Planned(lead, engine.clean(row.title) or "", theme, row.asked, row.lang, answers, team, named)


def _lead(call: Call, number: str) -> Person:
    lead = _person(number, "lead")
    if not call.is_for(lead):
        raise Invalid(_("The call is not addressed to %(name)s.", name=lead.name), field="lead")
    return lead


def _person(number: str, at: str) -> Person:
    person = by_hr_number(number)
    if person is None or not person.is_active:
        raise Invalid(_("Nobody who works here has the HR number “%(number)s”.", number=number.strip()), field=at)
    return person


def _answer(spec: FieldSpec, value: Any) -> Any:
    if spec.kind is Kind.CHOICE and isinstance(value, str):
        named = {str(text).casefold(): one.value for one in spec.choices for text in (one.label.en, one.label.zh)}
        return named.get(value.casefold(), value)
    return engine.clean(value)


def _theme(call: Call, name: str) -> Theme | None:
    if not name:
        return None
    for one in call.themes:
        if name.casefold() in {text.casefold() for text in one.theme.name.values()}:
            return one.theme
    raise Invalid(_("This theme is not one of the call's."), field="theme")


def _team(lead: Person, text: str) -> list[Share]:
    """'E2: 40; E3: 20.5: part', in per cent each; the proposer has the rest."""
    mates = []
    for one in filter(None, (part.strip() for part in re.split(r"[;；]", text))):
        found = TEAM_MATE.match(one)
        try:
            points = read_points(found[2]) if found else None
        except ValueError:
            points = None
        if found is None or points is None:
            raise Invalid(_("Write a team as HR number: per cent; HR number: per cent."), field="team")
        mates.append(Share(_person(found[1], "team"), found[3] or "", points))
    members = [Share(lead, "", 10_000 - sum(one.share_bp for one in mates)), *mates]
    ids = {one.person.id for one in members}
    if len(ids) < len(members) or len(members) > LARGEST:
        raise Invalid(_("Somebody stands on the team twice."), field="team")
    numbers = [one.share_bp for one in members]
    if fault := shares.fault_of(numbers):
        raise Invalid(words.share_fault(fault, sum(numbers)), field="team")
    return members


def _files(form: FormTemplate, text: str, files: Mapping[str, bytes]) -> list[tuple[str, str, bytes]]:
    """'a.pdf; quote = b.pdf': names of files that came along, each perhaps with the key of the question it answers."""
    found = []
    for one in filter(None, (part.strip() for part in re.split(r"[;；]", text))):
        key, _mark, name = one.rpartition("=")
        key, name = key.strip(), name.strip()
        if name not in files:
            raise Invalid(_("The file “%(name)s” did not come along.", name=name), field="files")
        if key and key not in form.files:
            raise Invalid(_("The call does not ask this."), field="files")
        found.append((key, name, files[name]))
    return found
