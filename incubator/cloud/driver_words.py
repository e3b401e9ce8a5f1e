"""How providers are reached, as the forms of operators name it."""

from flask_babel import lazy_gettext as _l

DRIVERS: dict[str, object] = {
    "manual": _l("By its people: they provide what is ordered"),
    "http": _l("By its interface, at an address"),
    "osb": _l("By an Open Service Broker, at an address"),
    "kubernetes": _l("By the API server of a Kubernetes cluster"),
    "aws": _l("By AWS: an account of your organization for each sandbox"),
    "aliyun": _l("By Alibaba Cloud's directory (never tried with a live account)"),
    "tencent": _l("By Tencent Cloud's organization (never tried with a live account)"),
    "huawei": _l("By Huawei Cloud's organization (never tried with a live account)"),
}
"""Those that are taken in from a form; the local one is there by itself."""
POOL_STATES: dict[str, object] = {
    "making": _l("being made"),
    "clean": _l("empty, for the next order"),
    "taken": _l("with a sandbox"),
    "leaving": _l("on the way back"),
    "lost": _l("not where it was put"),
    "closed": _l("closed"),
}
