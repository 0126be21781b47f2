"""The variables of a deployment besides those of stores, paths and scenarios."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, Field, ValidationError

from synth_assets.core.errors import UserError
from synth_assets.core.variables import SHOWN, origin, read
from synth_assets.stores.routing import DEFAULT_KIND

PREFIX = "SYNTH_"
DASK_SCHEDULER = f"{PREFIX}DASK_SCHEDULER"
# A century: a date so many days ago exists.
MAX_DAYS = 36_500
# More than anyone has; the variables are 32-bit numbers elsewhere.
MAX_COUNT = 1_000_000


class Execution(StrEnum):
    """Where runs and their steps are executed; ``execution`` says what each means."""

    LOCAL = "local"
    CELERY = "celery"
    DASK = "dask"
    K8S = "k8s"

    @property
    def shares_nothing(self) -> bool:
        """Whether workers have a disk of their own, and no folder in common."""
        return self in (Execution.CELERY, Execution.K8S)


# Of addresses that Dask connects to.
DASK_SCHEMES = ("tcp", "tls", "ws", "wss", "ucx")


def _of_dask(address: str) -> str:
    parts = urlsplit(address)  # a wrong port is a ``ValueError`` as well
    if parts.scheme not in DASK_SCHEMES or not parts.hostname or not parts.port:
        raise ValueError(address)
    return address


class DeploymentVariables(BaseModel):
    """What ``SYNTH_STORE``, ``SYNTH_EXECUTION`` and their neighbours are set to."""

    store: str = DEFAULT_KIND
    execution: Execution = Execution.LOCAL
    shared_disk: bool = False
    partitions_per_run: int = Field(default=0, ge=0, le=MAX_COUNT)
    # SQLite takes one writer at a time: two runs keep it busy and do not lock it.
    concurrent_runs: int = Field(default=2, ge=1, le=MAX_COUNT)
    keep_runs_days: int = Field(default=30, ge=1, le=MAX_DAYS)
    dask_scheduler: Annotated[str, AfterValidator(_of_dask)] | None = None
    bigquery_parties: str = ""
    dbt_target: str | None = None


def deployment_variables() -> DeploymentVariables:
    """The variables of the environment and of the home.

    Raises:
        UserError: A value is wrong; the error names its variable and what is allowed.
    """
    try:
        return DeploymentVariables.model_validate(read(DeploymentVariables, PREFIX))
    except ValidationError as error:
        problem = error.errors()[0]
        field = str(problem["loc"][0])
        name = f"{PREFIX}{field}".upper()
        raise UserError(
            f"{origin(name)} = {str(problem['input'])[:SHOWN]!r}: must be {_allowed(field)}"
        ) from None


ALLOWED = {
    "execution": f"one of {', '.join(Execution)}",
    "shared_disk": "true or false",
    "dask_scheduler": "an address such as tcp://host:8786",
}


def _allowed(field: str) -> str:
    if field in ALLOWED:
        return ALLOWED[field]
    limits = DeploymentVariables.model_fields[field].metadata
    (least,) = (limit.ge for limit in limits if hasattr(limit, "ge"))
    (most,) = (limit.le for limit in limits if hasattr(limit, "le"))
    return f"a whole number from {least} to {most:,}"
