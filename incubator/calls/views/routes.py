"""The blueprint of calls."""

from incubator.web.routes import Routes

bp = Routes("calls", __name__, url_prefix="/calls")
