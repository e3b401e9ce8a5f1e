"""The life of a disclosure."""

from enum import StrEnum

from incubator.core.states import StateMachine


class DisclosureState(StrEnum):
    """What has become of an invention that employees disclosed."""

    DISCLOSED = "disclosed"
    ASSESSED = "assessed"
    FILE = "file"
    KEEP_SECRET = "keep_secret"  # noqa: S105 - a word, not a password
    PUBLISH = "publish"
    RELEASE = "release"


D = DisclosureState
DISCLOSURE = StateMachine[DisclosureState](
    "disclosure",
    {
        # step          from            to
        "assess":      ((D.DISCLOSED,), D.ASSESSED),
        "file":        ((D.ASSESSED,), D.FILE),
        "keep_secret": ((D.ASSESSED,), D.KEEP_SECRET),
        "publish":     ((D.ASSESSED,), D.PUBLISH),
        "release":     ((D.ASSESSED,), D.RELEASE),
    },
)  # fmt: skip
