"""What gunicorn serves: `gunicorn wsgi:app` (see gunicorn.conf.py)."""

import sys

from incubator.app import create_app
from incubator.config import ConfigError

try:
    app = create_app()
except ConfigError as error:
    sys.exit(str(error))
