"""The routes that the files of this folder share."""

from incubator.web.routes import Routes

bp = Routes("patents", __name__)
