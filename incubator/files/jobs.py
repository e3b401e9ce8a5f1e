"""Clearing away what nobody keeps."""

from incubator.core.jobs import job
from incubator.core.transaction import transaction
from incubator.files import services


@job("files.sweep", every=86_400)
def sweep() -> int:
    """Remove bytes that no file names; answers how many."""
    with transaction():
        return services.sweep()
