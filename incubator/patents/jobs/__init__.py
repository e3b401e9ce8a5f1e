"""Background work of patents."""

from incubator.patents.jobs import deadlines, letters

__all__ = ["deadlines", "letters"]
