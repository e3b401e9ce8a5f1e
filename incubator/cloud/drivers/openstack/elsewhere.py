"""What a project holds at services that this driver does not empty: it is named, so that nobody forgets what costs."""

from incubator.cloud.drivers.base import NotFound
from incubator.cloud.drivers.openstack.calling import Cloud, looking

HELD = (
    ("compute", "/servers?all_tenants=1&project_id={project}", "servers", "server"),
    ("block-storage", "/volumes?all_tenants=1&project_id={project}", "volumes", "volume"),
    ("network", "/v2.0/networks?project_id={project}", "networks", "network"),
    ("network", "/v2.0/floatingips?project_id={project}", "floatingips", "address"),
)
"""Service type, address of its list, name of the list, what one of it is."""


def held(cloud: Cloud, project: str) -> list[str]:
    """The names, or the numbers of what has none."""
    found: list[str] = []
    for service, path, name, word in HELD:
        where = cloud.endpoint(service)
        if where is None:
            continue
        where = where.removesuffix("/v2.0") if path.startswith("/v2.0") else where
        try:
            answer = cloud.ask("GET", where + path.format(project=project))
        except NotFound:
            continue
        with looking():
            found += [f"{word} {one.get('name') or one['id']}" for one in answer.json()[name]]
    return found
