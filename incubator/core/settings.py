"""The settings of the running application, for packages that need one."""

from typing import cast

from flask import current_app

from incubator.config import Settings


def current() -> Settings:
    """What the application was started with."""
    return cast(Settings, current_app.extensions["settings"])
