"""Files of a disclosure: as secret as its text."""

from typing import IO

from flask_babel import gettext as _
from sqlalchemy import func, select

from incubator.core import audit
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.files import services as files
from incubator.patents.models import Disclosure, DisclosureFile
from incubator.patents.services.holding import hold
from incubator.people.models import Person

MOST = 20
"""Files of one disclosure."""


@action("disclosure.attach")
def attach(actor: Person, disclosure: Disclosure, *, data: bytes | IO[bytes] | None, name: str) -> DisclosureFile:
    """Keep a file with the disclosure. Raises Invalid at file for none, one too many, or one that is refused."""
    hold(disclosure)
    counted = select(func.count(DisclosureFile.id)).where(DisclosureFile.disclosure_id == disclosure.id)
    if data is None:
        raise Invalid(_("Choose a file."), field="file")
    if (db.session.scalar(counted) or 0) >= MOST:
        raise Invalid(_("A disclosure has at most %(limit)s files.", limit=MOST), field="file")
    kept = DisclosureFile(disclosure=disclosure, file=files.keep(actor, data, name))
    db.session.add(kept)
    audit.record("disclosure.attach", disclosure, {"file": kept.file.sha256.hex()})
    return kept
