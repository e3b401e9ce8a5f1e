"""The blueprint of proposals."""

from incubator.web.routes import Routes

bp = Routes("proposals", __name__)
