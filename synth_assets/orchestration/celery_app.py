"""The app of Celery's workers: its tasks execute runs of Dagster.

``celery -A synth_assets.orchestration.celery_app worker`` (``synth service worker``) imports it. A
worker forks the processes that execute runs, so nothing here may import Polars: a forked process
would have its threads, and they would not run.
"""

from __future__ import annotations

import os

from dagster_celery.make_app import make_app
from dagster_celery.tasks import create_execute_job_task, create_resume_job_task

SETTINGS = {
    # A worker takes a run when it is free, so that none waits behind a long one.
    "worker_prefetch_multiplier": 1,
    "worker_disable_prefetch": True,
    "broker_connection_retry_on_startup": True,
    # Memory that a run has left behind is given back after some runs.
    "worker_max_tasks_per_child": 50,
}


BROKER = os.environ["SYNTH_BROKER_URL"]
app = make_app({"broker": BROKER, "backend": BROKER, "config_source": SETTINGS})  # type: ignore[no-untyped-call]
execute_job = create_execute_job_task(app)
resume_job = create_resume_job_task(app)
