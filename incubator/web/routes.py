"""Routes that declare their right: the start fails where one does not."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, current_app, request

from incubator.core.actions import is_declared

PUBLIC = "public"
SIGNED_IN = "signed_in"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Right:
    """What a route asks of its reader.

    name: PUBLIC, SIGNED_IN or a row of the permission table. On a page (GET) the row is asked without a subject:
    no such role anywhere, no such page (404). On a step (POST) the service's @action asks it with the subject.
    records: the name of the event that a view of this page is; its subject is the row that load() found.
    """

    name: str
    records: str | None = None


class Routes(Blueprint):
    """A blueprint whose routes take `right=` (and `records=`)."""

    rights: dict[str, Right]

    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: Callable[..., Any] | None = None,
        provide_automatic_options: bool | None = None,
        **options: Any,
    ) -> None:
        """Keep the right of the endpoint; Flask gets the rest."""
        name = endpoint or (view_func.__name__ if view_func else "")
        right = options.pop("right", None)
        if right is not None:
            self.__dict__.setdefault("rights", {})[name] = Right(right, options.pop("records", None))
        super().add_url_rule(rule, endpoint, view_func, provide_automatic_options, **options)


def collect_rights(app: Flask) -> dict[str, Right]:
    """All endpoints with their rights. Raises RuntimeError for a route without one or with an unknown one."""
    rights = {"static": Right(PUBLIC)}
    for blueprint in app.blueprints.values():
        for name, right in getattr(blueprint, "rights", {}).items():
            rights[f"{blueprint.name}.{name}"] = right
    missing = {rule.endpoint for rule in app.url_map.iter_rules()} - rights.keys()
    if missing:
        raise RuntimeError(f"routes that declare no right: {', '.join(sorted(missing))}")
    for endpoint, right in rights.items():
        if right.name not in {PUBLIC, SIGNED_IN} and not is_declared(right.name):
            raise RuntimeError(f"{endpoint} asks for {right.name}, which the permission table does not know")
    app.extensions["rights"] = rights
    return rights


def right_of_request() -> Right | None:
    """The right of the route that this request met, None when it met none."""
    return current_app.extensions["rights"].get(request.endpoint) if request.endpoint else None
