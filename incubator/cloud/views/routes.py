"""The blueprint of the cloud."""

from incubator.web.routes import Routes

bp = Routes("cloud", __name__)
