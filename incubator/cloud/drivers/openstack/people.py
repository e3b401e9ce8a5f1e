"""Who gets into a project: one user of Keystone each, whose secret is an application credential that ends.

The user's own password is thrown away after it made the credential. Users are ours by their name and their domain.
"""

import datetime as dt
import secrets
from collections.abc import Mapping
from typing import Any

from incubator.cloud.drivers.base import Ambiguous, Rejected, RemoteRef, Secret, Unavailable
from incubator.cloud.drivers.openstack.calling import Cloud, changing, looking, refusal, sign_in_there, sign_in_with
from incubator.core import clock

CREDENTIAL, ROLE, DAYS = "sandbox", "member", 90
LASTING = {"ignore_change_password_upon_first_use": True, "ignore_password_expiry": True, "lock_password": True}
NOTE = """\
This secret is good until {until}.

clouds:
  {project}:
    auth_type: v3applicationcredential
    auth:
      auth_url: {address}
      application_credential_id: {number}
      application_credential_secret: (the password)
    region_name: {region}
"""


class People:
    """The users of one domain."""

    def __init__(self, cloud: Cloud, address: str, domain: str, options: Mapping[str, str]) -> None:
        self._cloud, self._address, self._domain, self._options = cloud, address, domain, options

    def let_in(self, ref: RemoteRef, project: Any, who: str) -> Secret:
        """A new secret of one person, tried; the older one ends."""
        name, password = f"{_prefix(ref.key)}{who}", secrets.token_urlsafe(32) + "aA1!"
        user = self._user(name, password, project)
        role = self.role()
        with changing():
            self._cloud.identity.assign_project_role_to_user(project.id, user, role)
        theirs = sign_in_there(self._address, user, password, project.id, self._options)
        days = int(self._options.get("credential_days") or DAYS)
        until = clock.now() + dt.timedelta(days=days)
        made = self._credential(theirs, user, role, until)
        sign_in_with(self._address, made.id, made.secret, self._options).roles()
        note = NOTE.format(
            until=f"{until:%Y-%m-%d}", project=project.name, address=self._address, number=made.id,
            region=self._options.get("region") or "",
        )  # fmt: skip
        return Secret(self._address, 0, project.name, name, made.secret, kind="service", note=note)

    def let_out(self, ref: RemoteRef, who: str) -> None:
        """Delete their user; its credentials and tokens end with it. Nobody there is fine."""
        for user in self._users(ref.key):
            if user["name"] == f"{_prefix(ref.key)}{who}":
                self._delete(user)

    def all_out(self, ref: RemoteRef) -> None:
        """Delete everybody's user."""
        for user in self._users(ref.key):
            self._delete(user)

    def role(self) -> str:
        """The number of the role that teams have. Raises Rejected when the cloud does not know it."""
        name = self._options.get("role") or ROLE
        with looking():
            found = next(iter(self._cloud.identity.roles(name=name)), None)
            if found is None:
                raise Rejected(f"there is no role {name}")
            return str(found.id)

    def _user(self, name: str, password: str, project: Any) -> str:
        """A new one in the place of the older: Keystone refuses the tokens of the second in which a password was
        changed, so that nobody could sign in with the new one at once."""
        identity = self._cloud.identity
        with looking():
            found = next(iter(identity.users(name=name, domain_id=self._domain)), None)
        if found is not None:
            self._delete({"id": found.id})
        with changing():
            made = identity.create_user(
                name=name, domain_id=self._domain, password=password, is_enabled=True, default_project_id=project.id,
                options=LASTING,
            )  # fmt: skip
        return _number(made.id)

    def _credential(self, theirs: Cloud, user: str, role: str, until: dt.datetime) -> Any:
        with changing():
            made = theirs.identity.create_application_credential(
                user, CREDENTIAL, expires_at=f"{until:%Y-%m-%dT%H:%M:%S}", unrestricted=False, roles=[{"id": role}]
            )
        _number(made.secret)
        return made

    def _users(self, key: str) -> list[dict[str, Any]]:
        prefix = _prefix(key)
        query = {"domain_id": self._domain, "name__startswith": prefix}
        with looking():
            answer = self._cloud.identity.get("/users", params=query)
            if answer.status_code >= 300:
                raise refusal(answer.status_code, answer.headers, "", Unavailable)
            return [user for user in answer.json()["users"] if user["name"].startswith(prefix)]

    def _delete(self, user: Mapping[str, Any]) -> None:
        """Credentials first: a Keystone over SQLite keeps their roles when they go with their user, and makes none
        of the same number again."""
        identity, number = self._cloud.identity, user["id"]
        with looking():
            credentials = [one.id for one in identity.application_credentials(number)]
        with changing():
            for one in credentials:
                identity.delete_application_credential(number, one)
            identity.delete_user(number)


def _prefix(key: str) -> str:
    return f"sb-{key}-"


def _number(said: Any) -> str:
    """What Keystone must have said. Raises Ambiguous when its answer was of another shape."""
    if not said:
        raise Ambiguous("an answer of another shape")
    return str(said)
