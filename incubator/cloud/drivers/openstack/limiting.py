"""A project's limits in Keystone. Each lowers or lifts one that the cloud's operators registered: what is registered
holds for every project of the cloud, so it is theirs to make, not ours."""

from collections.abc import Mapping
from typing import Any

from incubator.cloud.drivers.base import Rejected
from incubator.cloud.drivers.openstack.calling import Cloud, changing, looking


class Allowances:
    """The limits of one project."""

    def __init__(self, cloud: Cloud, project: str, region: str | None) -> None:
        self._cloud, self._project, self._region = cloud, project, region

    def set(self, asked: Mapping[tuple[str, str], int]) -> None:
        """service type and resource → how many. Raises Rejected when no such limit is registered."""
        if not asked:
            return
        standing = {(one.service_id, one.resource_name): one for one in self._all()}
        for (service, resource), many in asked.items():
            number = self._service(service)
            one = standing.get((number, resource))
            if one is None:
                self._make(number, service, resource, many)
            elif one.resource_limit != many:
                with changing():
                    self._cloud.identity.update_limit(one.id, resource_limit=many)

    def none(self) -> None:
        """Nothing more of what is limited."""
        for one in self._all():
            if one.resource_limit:
                with changing():
                    self._cloud.identity.update_limit(one.id, resource_limit=0)

    def _all(self) -> list[Any]:
        with looking():
            found = list(self._cloud.identity.limits(project_id=self._project))
            return [one for one in found if one.project_id == self._project]

    def _make(self, number: str, service: str, resource: str, many: int) -> None:
        with looking():
            registered = next(
                iter(self._cloud.identity.registered_limits(service_id=number, resource_name=resource)), None
            )
            if registered is None:
                raise Rejected(f"the cloud has registered no limit of {resource} for {service}: ask its operators")
        with changing():
            made = self._cloud.identity.create_limit(
                project_id=self._project, service_id=number, region_id=registered.region_id,
                resource_name=resource, resource_limit=many,
            )  # fmt: skip
            if not made.id:
                raise ValueError(resource)

    def _service(self, kind: str) -> str:
        with looking():
            found = next(iter(self._cloud.identity.services(type=kind)), None)
            if found is None:
                raise Rejected(f"the cloud has no service of the type {kind}")
            return str(found.id)
