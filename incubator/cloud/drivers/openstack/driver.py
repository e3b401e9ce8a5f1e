"""A project in a domain of an OpenStack per sandbox, with its users and its account of the object store.

The project is found by a tag with our key, however it is called. What holds without us: the quota of the object
store's account, and the project's limits in Keystone where its services look at them. Freezing lowers both to what is
there; from level 2 on the project is disabled, and Keystone takes no token of it any more. Machines that run are not
stopped, and what other services hold is named by wipe() and not removed.

Address: Keystone's, with /v3. Token: number and secret of an application credential, with a colon between; where the
options name a project, user and password of somebody there. They need the role that may make projects (admin), and
ResellerAdmin where there is an object store. options: project, project_domain, user_domain (Default) · domain (name or
number of the domain for our projects, default) · region · interface (public) · role (of teams, member) ·
credential_days (a team's secret is good for so many, 90).
settings of a plan: `limit.<service type>.<resource>`, such as limit.compute.cores, for one of the plan's unit; the
cloud must have registered a limit of that name.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import IO, Any

from incubator.cloud.drivers.base import (
    Capabilities,
    Check,
    Conflict,
    DriverError,
    Health,
    Limits,
    NotFound,
    Place,
    Rejected,
    RemoteRef,
    RemoteState,
    Secret,
    Usage,
)
from incubator.cloud.drivers.examining import all_looked
from incubator.cloud.drivers.openstack import elsewhere
from incubator.cloud.drivers.openstack.calling import Cloud, changing, looking, sign_in
from incubator.cloud.drivers.openstack.limiting import Allowances
from incubator.cloud.drivers.openstack.people import People
from incubator.cloud.drivers.openstack.store import Store

PREFIX, OURS, FROZEN = "sb-", "incubator", "incubator-frozen"
KEY = "incubator-key-"
MB = 1_000_000
TEAM, MEMBER = "team", "m-"
CUTS_ACCESS = 2


class OpenStack:
    """An OpenStack."""

    known_options = (
        "project", "project_domain", "user_domain", "domain", "region", "interface", "role", "credential_days",
    )  # fmt: skip
    capabilities = Capabilities(
        hard_cap="quota", freeze="instant", usage_lag=300, async_create=False, portable_export=True, members=True
    )

    def __init__(self, place: Place) -> None:
        self._address = place.needed()
        self._token, self._options = place.token or "", dict(place.options)

    @classmethod
    def open(cls, place: Place) -> "OpenStack":
        """The driver of a provider."""
        return cls(place)

    @cached_property
    def _cloud(self) -> Cloud:
        return sign_in(self._address, self._token, self._options)

    @cached_property
    def _domain(self) -> str:
        name = self._options.get("domain") or "default"
        with looking():
            found = next((one for one in self._cloud.identity.domains() if name in {one.id, one.name}), None)
            if found is None:
                raise Rejected(f"there is no domain {name}")
            return str(found.id)

    @cached_property
    def _people(self) -> People:
        return People(self._cloud, self._address, self._domain, self._options)

    @cached_property
    def _store(self) -> Store | None:
        return Store.of(self._cloud)

    def check(self) -> Health:
        """Sign in."""
        try:
            return Health(True, f"signed in as {', '.join(sorted(self._cloud.roles()))}")
        except DriverError as error:
            return Health(False, str(error))

    def examine(self) -> list[Check]:
        """Sign-in, domain, role, rights, and what may be done in the object store."""
        return all_looked(
            ("Keystone answers and accepts our sign-in.", self._cloud_roles),
            ("The domain for our projects is there.", lambda: self._domain),
            ("It shows us its projects there.", self.list_all),
            ("The role that teams get is there.", self._role),
            ("Our sign-in has the role that makes projects (admin).", self._is_admin),
            ("Where there is an object store, we may set the quotas of others there (ResellerAdmin).", self._may_limit),
        )

    def find(self, key: str) -> RemoteRef | None:
        """The project with this key's tag."""
        project = self._project(key)
        return None if project is None else _ref(project)

    def create(self, key: str, limits: Limits) -> RemoteRef:
        """The project, with its tags in the same call. Raises Conflict when its name is somebody else's."""
        project = self._project(key)
        if project is None:
            with changing():
                project = self._cloud.identity.create_project(
                    name=f"{PREFIX}{key}", domain_id=self._domain, tags=[OURS, KEY + key], is_enabled=True,
                    description="Made by Incubator; removed when its sandbox ends.",
                )  # fmt: skip
                if not project.id:
                    raise ValueError(key)
        self._limit(project, limits)
        return _ref(project)

    def ensure_limits(self, ref: RemoteRef, limits: Limits) -> None:
        """The quota of its account, and its limits in Keystone. Connections mean nothing here."""
        self._limit(self._there(ref), limits)

    def ensure_access(self, ref: RemoteRef) -> Secret:
        """A new application credential of the team's user."""
        return self._people.let_in(ref, self._open(ref), TEAM)

    def ensure_member(self, ref: RemoteRef, member: str) -> Secret:
        """A user of their own."""
        return self._people.let_in(ref, self._open(ref), f"{MEMBER}{member}")

    def remove_member(self, ref: RemoteRef, member: str) -> None:
        """Delete that user."""
        self._people.let_out(ref, f"{MEMBER}{member}")

    def freeze(self, ref: RemoteRef, level: int) -> None:
        """Quota to what is there and limits to none; from level 2 on the project is disabled."""
        project = self._there(ref)
        if self._store is not None:
            self._store.limit(project.id, self._store.used(project.id))
        self._allowances(project).none()
        stands = {"is_enabled": False} if level >= CUTS_ACCESS else {}
        with changing():
            self._cloud.identity.update_project(project.id, tags=sorted({*project.tags, FROZEN}), **stands)

    def unfreeze(self, ref: RemoteRef, limits: Limits) -> None:
        """The limits again, and the project enabled; the team's secrets are good again."""
        project = self._there(ref)
        self._limit(project, limits)
        with changing():
            self._cloud.identity.update_project(project.id, tags=sorted({*project.tags} - {FROZEN}), is_enabled=True)

    def list_all(self) -> list[RemoteRef]:
        """Every project of the domain with our tag."""
        return [_ref(project) for project in self._tagged(OURS) if _key(project)]

    def usage(self, keys: Sequence[str]) -> dict[str, Usage]:
        """What the accounts hold, as far as Swift has counted it."""
        projects = {_key(project): project.id for project in self._tagged(OURS)}
        store = self._store
        return {key: Usage(store.used(projects[key]) if store is not None else 0, 0) for key in keys if key in projects}

    def export(self, ref: RemoteRef, target: IO[bytes]) -> None:
        """The objects. Raises Rejected where the cloud has no object store."""
        project = self._there(ref)
        if self._store is None:
            raise Rejected(f"{ref.name}: this cloud has no object store to copy from")
        self._store.export(project.id, ref.name, target)

    def wipe(self, ref: RemoteRef) -> list[str]:
        """Remove everybody's users, then every object; what is left there and at other services is named."""
        project = self._project(ref.key)
        self._people.all_out(ref)
        if project is None:
            return []
        left = [] if self._store is None else self._store.wipe(project.id)
        return sorted(left + elsewhere.held(self._cloud, project.id))

    def delete(self, ref: RemoteRef) -> None:
        """Users, then the project; Keystone removes its limits with it. Nothing there is fine."""
        self._people.all_out(ref)
        project = self._project(ref.key)
        if project is not None:
            with changing():
                self._cloud.identity.delete_project(project.id)

    def _cloud_roles(self) -> None:
        self._cloud.roles()

    def _role(self) -> None:
        self._people.role()

    def _is_admin(self) -> None:
        if "admin" not in self._cloud.roles():
            raise Rejected("it has not")

    def _may_limit(self) -> None:
        if self._store is not None:
            self._store.may_limit()

    def _limit(self, project: Any, limits: Limits) -> None:
        if self._store is not None:
            self._store.limit(project.id, limits.disk_mb * MB)
        self._allowances(project).set(_asked(limits))

    def _allowances(self, project: Any) -> Allowances:
        return Allowances(self._cloud, project.id, self._options.get("region") or None)

    def _project(self, key: str) -> Any:
        found = self._tagged(f"{KEY}{key}")
        if len(found) > 1:
            raise Conflict(f"{len(found)} projects have the tag of {key}")
        return found[0] if found else None

    def _tagged(self, tag: str) -> list[Any]:
        with looking():
            found = list(self._cloud.identity.projects(domain_id=self._domain, tags=tag))
            return [project for project in found if tag in project.tags]

    def _there(self, ref: RemoteRef) -> Any:
        project = self._project(ref.key)
        if project is None:
            raise NotFound(ref.key)
        return project

    def _open(self, ref: RemoteRef) -> Any:
        """Nobody can sign in to a disabled project, not even to make a secret."""
        project = self._there(ref)
        if not project.is_enabled:
            raise Rejected(f"{ref.name} is frozen: a new secret can be made when it is open again")
        return project


def _key(project: Any) -> str:
    return next((tag.removeprefix(KEY) for tag in project.tags if tag.startswith(KEY)), "")


def _ref(project: Any) -> RemoteRef:
    is_frozen = FROZEN in project.tags or not project.is_enabled
    return RemoteRef(_key(project), str(project.name), RemoteState.FROZEN if is_frozen else RemoteState.ACTIVE)


def _asked(limits: Limits) -> Mapping[tuple[str, str], int]:
    """Service type and resource → how many, for all that were ordered. Raises Rejected for what cannot be read."""
    asked = {}
    for name, value in limits.settings.items():
        kind, _, rest = name.partition(".")
        service, _, resource = rest.partition(".")
        if not (kind == "limit" and service and resource and value.isdecimal()):
            raise Rejected(f"the plan's setting {name} is not limit.<service type>.<resource> with a number")
        asked[service, resource] = int(value) * limits.quantity
    return asked
