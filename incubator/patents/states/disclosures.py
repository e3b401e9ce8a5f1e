"""The lives of a disclosure, of a change of its shares, of a trade secret and of a security review."""

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


class Decision(StrEnum):
    """What can become of an assessed invention: steps of its machine."""

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
        "reopen":      ((D.KEEP_SECRET,), D.ASSESSED),
    },
)  # fmt: skip


class ShareChangeState(StrEnum):
    """Whether all whom a change of the shares affects have agreed to it."""

    PROPOSED = "proposed"
    AGREED = "agreed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


C = ShareChangeState
SHARE_CHANGE = StateMachine[ShareChangeState](
    "share_change",
    {
        # step      from            to
        "agree":    ((C.PROPOSED,), C.AGREED),
        "decline":  ((C.PROPOSED,), C.DECLINED),
        "withdraw": ((C.PROPOSED,), C.WITHDRAWN),
    },
)  # fmt: skip


class SecretState(StrEnum):
    """Whether a trade secret is still kept."""

    KEPT = "kept"
    LIFTED = "lifted"


TRADE_SECRET = StateMachine[SecretState]("trade_secret", {"lift": ((SecretState.KEPT,), SecretState.LIFTED)})


class SecurityState(StrEnum):
    """Where the security review before a foreign filing stands."""

    NEEDED = "needed"
    REQUESTED = "requested"
    NOTIFIED = "notified"
    CLEARED = "cleared"
    REFUSED = "refused"


R = SecurityState
SECURITY_REVIEW = StateMachine[SecurityState](
    "security_review",
    {
        # step     from                      to
        "request": ((R.NEEDED,), R.REQUESTED),
        "notify":  ((R.REQUESTED,), R.NOTIFIED),
        "clear":   ((R.REQUESTED, R.NOTIFIED), R.CLEARED),
        "refuse":  ((R.REQUESTED, R.NOTIFIED), R.REFUSED),
    },
)  # fmt: skip
