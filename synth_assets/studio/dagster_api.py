"""Dagster's GraphQL API, as far as the studio needs it.

A test validates every operation here against the schema of the pinned version. What a page shows
of a run is in ``runs``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import requests

from synth_assets.core.errors import UserError

# The code location and repository of ``workspace.yaml``.
LOCATION, REPOSITORY = "synth_assets", "__repository__"
# Seconds to connect, and to wait for an answer; of a page that only looks whether it runs. A busy
# machine answers late: a page that gave up would lose what a person has pressed.
TIMEOUT, LOOK = (2.0, 60.0), (0.5, 10.0)
RUN_FIELDS = """
    runId jobName status creationTime startTime endTime runConfigYaml canTerminate
    tags { key value }
    assetSelection { path }
"""
VERSION = "query { version }"
LAUNCH = """
mutation Launch($params: ExecutionParams!) {
  launchRun(executionParams: $params) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on RunConfigValidationInvalid { errors { message } }
    ... on PythonError { message }
    ... on Error { message }
  }
}
"""
TERMINATE = """
mutation Terminate($run: String!) {
  terminateRun(runId: $run) { __typename ... on Error { message } }
}
"""
RUNS = f"""
query Runs($limit: Int!, $filter: RunsFilter, $stored: Boolean!) {{
  runsOrError(limit: $limit, filter: $filter) {{
    __typename
    ... on Runs {{
      results {{
        {RUN_FIELDS}
        assetMaterializations @include(if: $stored) {{
          partition assetKey {{ path }}
          metadataEntries {{ label ... on IntMetadataEntry {{ intRepr }} }}
        }}
      }}
    }}
    ... on Error {{ message }}
  }}
}}
"""
LOGS = """
query Logs($run: ID!, $cursor: String) {
  logsForRun(runId: $run, afterCursor: $cursor, limit: 1000) {
    __typename
    ... on EventConnection {
      cursor hasMore
      events {
        __typename
        ... on MessageEvent { message timestamp level stepKey }
        ... on ExecutionStepFailureEvent {
          error { message className errorChain { error { message className } } }
        }
        ... on RunFailureEvent { error { message className } }
        ... on AssetCheckEvaluationEvent {
          evaluation { checkName assetKey { path } success severity partition description }
        }
      }
    }
    ... on Error { message }
  }
}
"""
OPERATIONS = (VERSION, LAUNCH, TERMINATE, RUNS, LOGS)


class UnreachableError(UserError):
    """Dagster's webserver does not answer."""


@dataclass(frozen=True)
class Dagster:
    """A client of one webserver.

    Attributes:
        url: Its address.
    """

    url: str

    def running(self) -> bool:
        """Whether it answers."""
        try:
            self._ask(VERSION, LOOK)
        except UserError:
            return False
        return True

    def launch(
        self,
        job: str,
        config: Mapping[str, Any],
        tags: Mapping[str, str],
        assets: Sequence[Sequence[str]] = (),
    ) -> str:
        """Starts a run of a job, and returns its id.

        Args:
            job: Name of the job.
            config: Dagster's run configuration.
            tags: Tags of the run.
            assets: Keys of the assets to materialize; all of the job without.

        Raises:
            UserError: Dagster refuses it, or does not answer.
        """
        selector: dict[str, Any] = {
            "jobName": job,
            "repositoryName": REPOSITORY,
            "repositoryLocationName": LOCATION,
        }
        if assets:
            selector["assetSelection"] = [{"path": list(path)} for path in assets]
        params = {
            "selector": selector,
            "runConfigData": dict(config),
            "executionMetadata": {"tags": [{"key": k, "value": v} for k, v in tags.items()]},
        }
        found = self._ask(LAUNCH, params=params)["launchRun"]
        if found["__typename"] != "LaunchRunSuccess":
            reasons = [error["message"] for error in found.get("errors", [])]
            why = "; ".join(reasons) or found.get("message") or found["__typename"]
            raise UserError(f"Dagster does not start {job}: {why}")
        return str(found["run"]["runId"])

    def terminate(self, run: str) -> None:
        """Cancels a run.

        Args:
            run: Its id.

        Raises:
            UserError: It cannot be cancelled.
        """
        found = self._ask(TERMINATE, run=run)["terminateRun"]
        if found["__typename"] != "TerminateRunSuccess":
            raise UserError(f"Dagster does not cancel the run: {found.get('message')}")

    def runs(
        self,
        limit: int,
        statuses: Sequence[str] = (),
        ids: Sequence[str] = (),
        *,
        stored: bool = False,
    ) -> list[dict[str, Any]]:
        """The latest runs, in one query.

        Args:
            limit: How many at most.
            statuses: Statuses of which they have one; any without.
            ids: The ids of which they have one; any without.
            stored: Whether to ask for every partition that each has stored, too.
        """
        conditions = {"statuses": list(statuses), "runIds": list(ids)}
        given = {name: values for name, values in conditions.items() if values}
        found = self._ask(RUNS, limit=limit, filter=given, stored=stored)["runsOrError"]
        return self._of(found, "Runs", "results")

    def events(self, run: str) -> list[dict[str, Any]]:
        """The events of a run, from the first.

        Args:
            run: Its id.
        """
        events: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            page = self._ask(LOGS, run=run, cursor=cursor)["logsForRun"]
            events += self._of(page, "EventConnection", "events")
            if not page["hasMore"]:
                return events
            cursor = page["cursor"]

    def _of(self, found: dict[str, Any], kind: str, field: str) -> list[dict[str, Any]]:
        if found["__typename"] != kind:
            raise UserError(f"Dagster: {found.get('message', found['__typename'])}")
        return list(found[field])

    def _ask(
        self, operation: str, timeout: tuple[float, float] = TIMEOUT, **variables: Any
    ) -> dict[str, Any]:
        try:
            answer = requests.post(
                f"{self.url}/graphql",
                json={"query": operation, "variables": variables},
                timeout=timeout,
            )
            answer.raise_for_status()
            document = answer.json()
        except (requests.RequestException, ValueError) as error:
            raise UnreachableError(
                f"Dagster does not answer at {self.url} ({type(error).__name__}): start it with "
                "`synth ui`"
            ) from None
        if document.get("errors"):
            raise UserError(f"Dagster: {document['errors'][0]['message']}")
        data: dict[str, Any] = document["data"]
        return data
