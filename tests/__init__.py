import sys

from tests import tracing

if sys.gettrace() is not None:  # before the tests load what they test
    tracing.install()
