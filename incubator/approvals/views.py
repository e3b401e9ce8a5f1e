"""No deciding pages: the package that owns a subject shows its request with approvals/_steps.html."""

from incubator.approvals.predicates import ROLES
from incubator.people.models import Role
from incubator.web.routes import Routes

bp = Routes("approvals", __name__)


@bp.app_template_global("role_words")
def role_words(role: Role) -> str:
    """Who signs, in the reader's language."""
    return str(ROLES[role])
