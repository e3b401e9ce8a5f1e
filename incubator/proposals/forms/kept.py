"""What is typed in several tabs or by several people and kept while it is typed: a draft, the answers to questions."""

from collections.abc import Callable, Iterator
from typing import Any

from flask_babel import gettext as _
from wtforms import HiddenField, IntegerField
from wtforms.widgets import HiddenInput

from incubator.proposals.services import TextMoved
from incubator.web.forms import Form


class KeptForm(Form):
    """A text of which nothing is overwritten: it names the revision that was read. moved: what was kept meanwhile."""

    version = IntegerField(widget=HiddenInput())
    overwrite = HiddenField()

    moved: Any | None = None

    @property
    def revision(self) -> int:
        """The revision that was read; who chose to keep their own text names the one they saw beside it."""
        chosen = self.overwrite.data or ""
        return int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 20 else self.version.data or 0

    def saves(self, call: Callable[[], Any]) -> bool:
        """Run the save; when the text moved on meanwhile, keep the other one beside this one and answer False."""
        try:
            return self.accepts(call)
        except TextMoved as moved:
            self.moved = moved.current
            return False

    @property
    def why(self) -> str:
        """In a sentence what is wrong at the first field that cannot be kept."""
        return next(self.faults(), str(_("Not saved yet: a value cannot be read.")))

    def faults(self) -> Iterator[str]:
        """What is wrong at each field, in a sentence."""
        for field in self:
            for wrong in field.errors:
                yield str(_("Not saved yet. %(field)s: %(what)s", field=field.label.text, what=wrong))

    @property
    def status(self) -> int:
        """409 when the text moved on, else as every form."""
        return 409 if self.moved else super().status
