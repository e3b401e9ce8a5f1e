"""What an installation is set to and whether it answers: for its administrators, who see no business data."""

from typing import NamedTuple

from flask_babel import gettext as _

from incubator.core import health
from incubator.core.settings import current
from incubator.files import scanning


class Fact(NamedTuple):
    """A part of the installation. state: good, warn or bad; words: what that means; setting: where it is changed."""

    name: str
    state: str
    words: str
    setting: str


def facts() -> list[Fact]:
    """Asks each part; at most some seconds where one is silent."""
    settings, state = current(), health.check()
    works, away = _("It answers."), _("It does not answer.")
    store = settings.store
    return [
        _scanner(),
        Fact(_("Mail"), "good", _("Mail is sent."), "INCUBATOR_SMTP_URL")
        if settings.smtp_url
        else Fact(_("Mail"), "warn", _("No mail server is set: notices stand in the app alone."), "INCUBATOR_SMTP_URL"),
        Fact(_("Files"), "good", _("In the bucket %(name)s.", name=store.bucket), "INCUBATOR_FILES_URL")
        if store
        else Fact(_("Files"), "good", _("In a folder of this machine."), "INCUBATOR_FILES"),
        Fact(_("Database"), "good", works, "DATABASE_URL")
        if state.ready
        else Fact(_("Database"), "bad", _("Its schema is not that of this program."), "DATABASE_URL"),
        Fact(_("Queue"), "good" if state.queue else "bad", works if state.queue else away, "REDIS_URL"),
    ]


def _scanner() -> Fact:
    looks = {
        None: ("warn", _("No virus scanner is set: what people hand in is not scanned.")),
        True: ("good", _("What people hand in is scanned before it is kept.")),
        False: ("bad", _("The virus scanner does not answer: nothing that people hand in is taken.")),
    }
    return Fact(_("Virus scanner"), *looks[scanning.is_answering()], "INCUBATOR_CLAMAV")
