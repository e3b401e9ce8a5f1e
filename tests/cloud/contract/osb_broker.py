"""A broker made with PyPI openbrokerapi: slow when told to, deleting always takes a moment."""

import logging
from typing import Any

from flask import Flask
from openbrokerapi import api, errors
from openbrokerapi.catalog import ServicePlan
from openbrokerapi.service_broker import (
    Binding,
    DeprovisionServiceSpec,
    GetInstanceDetailsSpec,
    LastOperation,
    OperationState,
    ProvisionedServiceSpec,
    ProvisionState,
    Service,
    ServiceBroker,
    UnbindSpec,
)

SERVICE, PLAN = "service-1", "plan-1"
USER, PASSWORD = "platform", "platform-password"


class Broker(ServiceBroker):
    """instances: id → steps until it is there (0: it is); going: id → looks until it is gone."""

    def __init__(self) -> None:
        self.instances: dict[str, int] = {}
        self.going: dict[str, int] = {}
        self.bindings: dict[str, str] = {}
        self.slow = False
        self.fails = False
        self.made = 0

    def catalog(self) -> Service:
        plans = [ServicePlan(id=PLAN, name="small", description="Small")]
        return Service(
            id=SERVICE, name="db", description="A database", bindable=True, plans=plans, instances_retrievable=True
        )

    def provision(self, instance_id: str, details: Any, async_allowed: bool, **_: Any) -> ProvisionedServiceSpec:
        if instance_id in self.instances:
            waits = self.instances[instance_id] > 0
            return ProvisionedServiceSpec(
                ProvisionState.IS_ASYNC if waits else ProvisionState.IDENTICAL_ALREADY_EXISTS, operation="provision"
            )
        self.made += 1
        self.instances[instance_id] = 2 if self.slow else 0
        state = ProvisionState.IS_ASYNC if self.slow else ProvisionState.SUCCESSFUL_CREATED
        return ProvisionedServiceSpec(state, operation="provision")

    def deprovision(self, instance_id: str, details: Any, async_allowed: bool, **_: Any) -> DeprovisionServiceSpec:
        if instance_id not in self.instances:
            raise errors.ErrInstanceDoesNotExist
        self.going.setdefault(instance_id, 1)
        return DeprovisionServiceSpec(is_async=True, operation="deprovision")

    def get_instance(self, instance_id: str, **_: Any) -> GetInstanceDetailsSpec:
        if self.instances.get(instance_id) != 0 or instance_id in self.going:
            raise errors.ErrInstanceDoesNotExist
        return GetInstanceDetailsSpec(SERVICE, PLAN)

    def last_operation(self, instance_id: str, operation_data: str | None, **_: Any) -> LastOperation:
        if instance_id not in self.instances:
            raise errors.ErrInstanceDoesNotExist
        if instance_id in self.going:
            self.going[instance_id] -= 1
            if self.going[instance_id] < 0:
                del self.going[instance_id], self.instances[instance_id]
                raise errors.ErrInstanceDoesNotExist
            return LastOperation(OperationState.IN_PROGRESS)
        if self.fails:
            return LastOperation(OperationState.FAILED, "no room")
        self.instances[instance_id] = max(0, self.instances[instance_id] - 1)
        return LastOperation(OperationState.IN_PROGRESS if self.instances[instance_id] else OperationState.SUCCEEDED)

    def bind(self, instance_id: str, binding_id: str, details: Any, async_allowed: bool, **_: Any) -> Binding:
        self.made += 1
        self.bindings[instance_id] = f"word-{self.made}"
        return Binding(credentials={
            "hostname": "db.example.com", "port": 5432, "name": "d", "username": instance_id,
            "password": self.bindings[instance_id], "ca": "PEM",
        })  # fmt: skip

    def unbind(self, instance_id: str, binding_id: str, details: Any, async_allowed: bool, **_: Any) -> UnbindSpec:
        if self.bindings.pop(instance_id, None) is None:
            raise errors.ErrBindingDoesNotExist
        return UnbindSpec(is_async=False)


def do_of(broker: Broker) -> Any:
    """The broker as `serving` calls it."""
    quiet = logging.getLogger("broker")
    quiet.setLevel(logging.CRITICAL)
    app = Flask("broker")
    app.register_blueprint(api.get_blueprint(broker, api.BrokerCredentials(USER, PASSWORD), quiet))
    client = app.test_client()

    def do(method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        kept = {name: value for name, value in headers.items() if name not in {"host", "content-length", "connection"}}
        answer = client.open(path, method=method, headers=kept, data=body)
        return answer.status_code, answer.data

    return do
