"""The lines of the directory's tables."""

from typing import Annotated, Literal

from flask_babel import lazy_gettext as _l
from pydantic import Field

from incubator.web.sheets import Day, Heading, Row


class PersonRow(Row):
    """An employee, known by the HR number. A column that the file lacks changes nothing of who is here already."""

    hr_number: Annotated[str, Field(max_length=32), Heading(_l("HR number"))]
    name: Annotated[str, Field(max_length=200), Heading(_l("Name"))]
    company: Annotated[str, Field(max_length=32), Heading(_l("Company code"))]
    email: Annotated[str, Field(max_length=254), Heading(_l("E-mail"))] = ""
    title: Annotated[str, Field(max_length=120), Heading(_l("Job title"))] = ""
    manager: Annotated[str, Field(max_length=32), Heading(_l("HR number of the manager"))] = ""
    cost_center: Annotated[str, Field(max_length=32), Heading(_l("Cost centre"))] = ""
    language: Annotated[Literal["en", "zh"], Heading(_l("Language"))] = "zh"
    left_on: Annotated[Day | None, Heading(_l("Last day"))] = None


class CompanyRow(Row):
    """A company or department, known by its code, below another; the group itself is there already."""

    code: Annotated[str, Field(max_length=32), Heading(_l("Code"))]
    name_en: Annotated[str, Field(max_length=200), Heading(_l("Name in English"))]
    name_zh: Annotated[str, Field(max_length=200), Heading(_l("Name in Chinese"))]
    parent: Annotated[str, Field(max_length=32), Heading(_l("Code of the company above"))]
    industry: Annotated[str, Field(max_length=60), Heading(_l("Industry"))] = ""
    time_zone: Annotated[str, Field(max_length=40), Heading(_l("Time zone"))] = "Asia/Shanghai"
