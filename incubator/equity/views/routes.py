"""Where the pages of equity hang."""

from incubator.web.routes import Routes

bp = Routes("equity", __name__)
