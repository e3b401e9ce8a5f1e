"""The blueprint of people."""

from incubator.web.routes import Routes

bp = Routes("people", __name__)
