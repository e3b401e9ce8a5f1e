"""Pages of the catalogue, of sandboxes, of operations and of credits."""

from incubator.cloud.views import (
    bills,
    catalogue,
    connecting,
    crediting,
    keeping,
    manual,
    months,
    pages,
    repairing,
    teams,
    wishes,
)
from incubator.cloud.views.routes import bp

__all__ = [
    "bills", "bp", "catalogue", "connecting", "crediting", "keeping", "manual", "months",
    "pages", "repairing", "teams", "wishes",
]  # fmt: skip
