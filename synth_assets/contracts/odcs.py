"""A data contract of the Open Data Contract Standard (ODCS) for a table.

The contract has the columns with their keys and constraints, every check, the owners and what the
schedules promise. A check of a primary key or a reference is a rule that tools for contracts can
run; the others are run by ``synth gate``, which the rule names. Types are in ``types``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from open_data_contract_standard.model import (
    CustomProperty,
    DataQuality,
    Description,
    OpenDataContractStandard,
    Relationship,
    SchemaObject,
    SchemaProperty,
    ServiceLevelAgreementProperty,
    Team,
    TeamMember,
)

from synth_assets.contracts.place import Place
from synth_assets.contracts.types import property_type
from synth_assets.core.model import Domain, Table
from synth_assets.core.partitioning import Daily
from synth_assets.core.schema import ColumnInfo, columns_of, quoted
from synth_assets.core.stored_tables import stored_tables
from synth_assets.quality.structural import checks_of

API_VERSION = "v3.1.0"
LIMITATIONS = "All rows are synthetic: they describe no real person, order or event."


def file_name(table: Table) -> str:
    """The name of a table's contract.

    Args:
        table: The table.
    """
    return f"{table.name}.odcs.yaml"


def contract(domain: Domain, table: Table, place: Place) -> OpenDataContractStandard:
    """The contract of a table.

    Args:
        domain: The table's domain.
        table: The table.
        place: Where it is stored.
    """
    return OpenDataContractStandard(
        apiVersion=API_VERSION,
        kind="DataContract",
        id=table.path.replace("/", "."),
        name=table.path,
        version=f"{table.code_version}.0.0",
        status="active",
        domain=domain.name,
        tags=[f"{name}:{value}" for name, value in table.tags.items()] or None,
        description=Description(purpose=table.doc, usage=domain.doc, limitations=LIMITATIONS),
        servers=[place.server],
        schema=[_object(domain, table, stored, place) for stored in stored_tables(table)],
        team=Team(members=[TeamMember(username=owner, role="owner") for owner in domain.owners]),
        slaProperties=list(_service_levels(domain, table)) or None,
        customProperties=[
            CustomProperty(property="assetKey", value=table.path),
            CustomProperty(property="partitionedBy", value=table.partitioning.partition_column),
            CustomProperty(property="scenario", value=domain.scenario.fingerprint()),
        ],
    )


def _object(domain: Domain, table: Table, stored: Table, place: Place) -> SchemaObject:
    columns = columns_of(table.schema)
    keys = [column.name for column in columns if column.primary_key]
    properties = [_property(domain, table, column, place, keys) for column in columns]
    return SchemaObject(
        name=stored.name,
        physicalType="table",
        logicalType="object",
        description=table.doc,
        dataGranularityDescription=table.doc,
        properties=[*properties, _partition_property(stored, place)],
        quality=[*_reference_rules(table, stored, place), *_check_rules(table)],
    )


def _property(
    domain: Domain, table: Table, column: ColumnInfo, place: Place, keys: list[str]
) -> SchemaProperty:
    return SchemaProperty(
        name=column.name,
        physicalType=place.type_name(column.dtype),
        description=column.description,
        required=not column.nullable,
        primaryKey=column.primary_key or None,
        primaryKeyPosition=keys.index(column.name) + 1 if column.primary_key else None,
        classification="pii" if column.pii else None,
        tags=[f"pii:{column.pii}"] if column.pii else None,
        relationships=[_relationship(domain, table, column)] if column.foreign_key else None,
        **property_type(column.dtype, table.schema.columns()[column.name]),
    )


def _partition_property(stored: Table, place: Place) -> SchemaProperty:
    partitioning = stored.partitioning
    return SchemaProperty(
        name=partitioning.partition_column,
        physicalType=place.type_name(partitioning.column_type),
        description="The partition of the row.",
        required=True,
        partitioned=True,
        partitionKeyPosition=1,
        **property_type(partitioning.column_type),
    )


def _relationship(domain: Domain, table: Table, column: ColumnInfo) -> Relationship:
    """The reference to the parent's column, which is in another file of the folder."""
    assert column.foreign_key is not None
    role, parent_column = column.foreign_key
    parent = domain.table(table.parents[role])
    name = stored_tables(parent)[0].name
    target = f"{file_name(parent)}#/schema/{name}/properties/{parent_column}"
    return Relationship(type="foreignKey", to=target)


def _reference_rules(table: Table, stored: Table, place: Place) -> Iterator[DataQuality]:
    for column in columns_of(table.schema):
        if column.foreign_key is None:
            continue
        role, parent_column = column.foreign_key
        parent = place.relation(_stored_parent(stored, stored.parents[role]))
        own, other = quoted(column.name), quoted(parent_column)
        query = (
            f"select count(*) from {place.relation(stored)} as child "
            f"where child.{own} is not null and not exists "
            f"(select 1 from {parent} as parent where parent.{other} = child.{own})"
        )
        yield _rule(
            table.blocking,
            name=f"reference_{column.name}",
            description=f"Every {column.name} is found in {table.parents[role]}.{parent_column}.",
            type="sql",
            query=query,
            mustBe=0,
            dimension="consistency",
        )


def _stored_parent(stored: Table, name: str) -> Table:
    """A parent in the same schema; the name of its relation is all that is used of it."""
    return replace(stored, name=name)


def _check_rules(table: Table) -> Iterator[DataQuality]:
    for check in checks_of(table):
        yield _rule(
            check.blocking,
            name=check.name,
            description=check.doc,
            type="custom",
            engine="synth",
            implementation=f"synth gate {table.path}",
        )


def _rule(blocking: bool, **fields: Any) -> DataQuality:
    severity = "error" if blocking else "warning"
    return DataQuality.model_validate({**fields, "severity": severity})


def _service_levels(domain: Domain, table: Table) -> Iterator[ServiceLevelAgreementProperty]:
    element = f"{stored_tables(table)[0].name}.{table.partitioning.partition_column}"
    for schedule in domain.schedules:
        if table.name not in schedule.tables:
            continue
        yield ServiceLevelAgreementProperty(
            property="frequency",
            value=schedule.days,
            unit="d",
            element=element,
            description=f"The schedule {domain.name}_{schedule.name} (UTC) materializes it.",
            scheduler="cron",
            schedule=schedule.cron,
        )
        if isinstance(table.partitioning, Daily):
            yield ServiceLevelAgreementProperty(
                property="latency",
                value=schedule.days,
                unit="d",
                element=element,
                description="Most days from the end of a day until its partition is stored.",
            )
