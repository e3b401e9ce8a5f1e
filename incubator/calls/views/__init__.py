"""Pages of calls, and of the themes and funds they hang on."""

from incubator.calls.views import calls, themes
from incubator.calls.views.routes import bp

__all__ = ["bp", "calls", "themes"]
