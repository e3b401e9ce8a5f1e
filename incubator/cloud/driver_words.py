"""How providers are reached, as the forms of operators name it."""

from flask_babel import lazy_gettext as _l

DRIVERS: dict[str, object] = {
    "manual": _l("By its people: they provide what is ordered"),
    "http": _l("By its interface, at an address"),
    "osb": _l("By an Open Service Broker, at an address"),
    "kubernetes": _l("By the API server of a Kubernetes cluster"),
    "openstack": _l("By OpenStack: a project for each sandbox"),
    "aws": _l("By AWS: an account of your organization for each sandbox"),
    "aliyun": _l("By Alibaba Cloud: an account of your directory for each sandbox (contract-tested only)"),
    "tencent": _l("By Tencent Cloud: an account of your organization for each sandbox (contract-tested only)"),
    "huawei": _l("By Huawei Cloud: an account of your organization for each sandbox (contract-tested only)"),
}
"""Those that are taken in from a form; the local one is there by itself."""
TRIED: dict[str, object] = dict.fromkeys(
    ("aliyun", "tencent", "huawei"), _l("Contract-tested, never seen a live account")
)
"""What an operator should know of a driver before anybody orders there."""
POOL_STATES: dict[str, object] = {
    "making": _l("being made"),
    "clean": _l("empty, for the next order"),
    "taken": _l("with a sandbox"),
    "leaving": _l("on the way back"),
    "lost": _l("not where it was put"),
    "closed": _l("closed"),
}
