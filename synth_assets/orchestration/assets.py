"""One partitioned asset per table."""

import dagster as dg

from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain, Table, TableView
from synth_assets.core.partitioning import WHOLE_KEY
from synth_assets.orchestration.backfill_gates import refuse_failed_gates
from synth_assets.orchestration.external import query_bigquery
from synth_assets.orchestration.io_manager import PartitionedOutput
from synth_assets.orchestration.metadata import definition_metadata, description
from synth_assets.orchestration.partitions import partitions_of
from synth_assets.orchestration.resources import resource_key, scenario_of
from synth_assets.stores.damage import VerifyingReader
from synth_assets.stores.kinds import KINDS
from synth_assets.stores.routing import Routes, Stores

IO_MANAGER = "store"


def asset_key(table: Table) -> dg.AssetKey:
    """``[domain, table]``, like the schema and table name and the folder in stores.

    Args:
        table: The table.
    """
    return dg.AssetKey([table.domain, table.name])


def backfill_policy(domain: Domain, routes: Routes, partitions_per_run: int) -> dg.BackfillPolicy:
    """How Dagster divides a backfill of a domain into runs.

    A domain in a store that enforces foreign keys is one run: rows of a partition refer to rows of
    others, which have to be stored before them.

    Args:
        domain: The domain.
        routes: Which table is in which kind of store.
        partitions_per_run: The most partitions of a run; 0 for one run of all partitions.
    """
    ordered = any(KINDS[routes.kind_of(table)].enforces_keys for table in domain.tables)
    if partitions_per_run == 0 or ordered:
        return dg.BackfillPolicy.single_run()
    return dg.BackfillPolicy.multi_run(partitions_per_run)


def table_asset(
    domain: Domain, table: Table, stores: Stores, policy: dg.BackfillPolicy
) -> dg.AssetsDefinition:
    """The asset that generates a table's partitions, which the IO manager writes to the store.

    Args:
        domain: The table's domain.
        table: The table.
        stores: Where the table and its parents are stored.
        policy: How backfills of the domain are divided into runs.
    """
    scenario_key = resource_key(domain)
    partitions = partitions_of(table.partitioning)

    @dg.asset(
        key=asset_key(table),
        deps=[asset_key(domain.table(name)) for name in table.parent_names],
        partitions_def=partitions,
        backfill_policy=policy if partitions else None,
        description=description(domain, table),
        metadata=definition_metadata(table, stores),
        code_version=table.code_version,
        kinds={"polars", stores.of(table).kind},
        owners=list(domain.owners),
        tags={"domain": domain.name, **table.tags},
        group_name=domain.name,
        io_manager_key=IO_MANAGER,
        required_resource_keys={scenario_key},
    )
    def materialize(context: dg.AssetExecutionContext) -> PartitionedOutput:
        refuse_failed_gates(context, [domain.table(name).path for name in table.parent_names])
        try:
            scenario = scenario_of(domain, getattr(context.resources, scenario_key))
        except UserError as error:
            raise dg.Failure(str(error)) from None
        keys = list(context.partition_keys) if partitions else [WHOLE_KEY]
        view = TableView(domain, table, keys, VerifyingReader(stores), scenario, query_bigquery)
        return PartitionedOutput(table, table.source.partitions(view), scenario)

    return materialize
