"""Pages of calls, and of the themes and funds they hang on."""

from incubator.calls.views import building, calls, themes
from incubator.calls.views.routes import bp

__all__ = ["bp", "building", "calls", "themes"]
