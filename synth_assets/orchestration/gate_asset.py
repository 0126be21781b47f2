"""The asset that publishes a domain's gate report from the latest recorded results."""

from collections.abc import Sequence
from pathlib import Path

import dagster as dg

from synth_assets.core.consistency import GATE_REPORT
from synth_assets.core.model import Domain
from synth_assets.orchestration.gate import domain_outcome, recorded_domain, report
from synth_assets.orchestration.marts import Marts
from synth_assets.reports.files import publish
from synth_assets.reports.gate import GateReport
from synth_assets.stores.routing import Stores

# Checks that did not pass, in the metadata of the asset.
LISTED = 50


def gate_key(domain: str) -> dg.AssetKey:
    """Asset key of a domain's gate report.

    Args:
        domain: The domain's name.
    """
    return dg.AssetKey([domain, GATE_REPORT])


def publish_recorded(
    domain: Domain, marts: Marts, stores: Stores, instance: dg.DagsterInstance, folder: Path
) -> tuple[GateReport, list[Path]]:
    """Publishes a domain's report of the latest recorded results.

    Args:
        domain: The domain.
        marts: Its dbt models and tests.
        stores: Where its tables are stored.
        instance: The instance.
        folder: The folder of all published reports; the report is in a folder named as the domain.

    Returns:
        The report and its files.

    Raises:
        UserError: A file cannot be written.
    """
    outcomes = recorded_domain(domain, marts, stores, instance)
    published = report("Quality gate", [domain_outcome(domain, outcomes)])
    return published, publish(published, folder / domain.name, folder)


def gate_asset(
    domain: Domain,
    stores: Stores,
    folder: Path,
    upstream: Sequence[dg.AssetKey],
    group: str,
    marts: Marts,
) -> dg.AssetsDefinition:
    """An asset that publishes a domain's gate report from the latest recorded results.

    Args:
        domain: The domain.
        stores: Where its tables are stored.
        folder: The report is written to a subfolder with the domain's name.
        upstream: Assets that must be materialized before.
        group: The asset group.
        marts: The domain's dbt models and tests, which count like the tables and their checks.
    """

    @dg.asset(
        key=gate_key(domain.name),
        deps=list(upstream),
        description="The latest result of every check and dbt test, as HTML, JSON and JUnit XML.",
        group_name=group,
        owners=list(domain.owners),
        kinds={"html", "junit"},
    )
    def publish_report(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        published, paths = publish_recorded(domain, marts, stores, context.instance, folder)
        return dg.MaterializeResult(metadata=_metadata(published, paths[0]))

    return publish_report


def _metadata(published: GateReport, page: Path) -> dict[str, dg.MetadataValue]:
    counts = {f"checks_{status}": count for status, count in published.counts.items()}
    return {
        "report": dg.MetadataValue.path(str(page)),
        "passed": dg.MetadataValue.bool(published.passed),
        **{name: dg.MetadataValue.int(count) for name, count in counts.items()},
        "not_passed": _not_passed(published),
    }


def _not_passed(published: GateReport) -> dg.MetadataValue:
    """The checks that did not pass as a table, for those who cannot open files of the server."""
    names = ("status", "table", "check", "partitions", "measured", "threshold")
    found = sorted(
        (check for check in published.checks if not check.passed), key=lambda check: check.status
    )
    records = []
    for check in found[:LISTED]:
        failures = check.failures
        keys = [result.key for result in failures if result.key is not None]
        where = f"{len(keys)} of {len(check.results)}, first {keys[0]}" if keys else ""
        measured = f"{failures[0].measured:g}" if failures else ""
        threshold = failures[0].threshold if failures else "not evaluated"
        values = (check.status, check.table, check.name, where, measured, threshold)
        records.append(dg.TableRecord(dict(zip(names, values, strict=True))))
    columns = [dg.TableColumn(name, "string") for name in names]
    return dg.MetadataValue.table(records, dg.TableSchema(columns))
