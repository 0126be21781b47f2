"""Sign-ups: one row for each customer, at the moment the account is created."""

from __future__ import annotations

from functools import partial

import dataframely as dy
import polars as pl

from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.partitioning import Partition
from synth_assets.core.schema import pii, references
from synth_assets.core.sources import Generated, row_numbers
from synth_assets.domains.jaffle.checks import in_partition
from synth_assets.domains.jaffle.model import Model, open_model
from synth_assets.domains.jaffle.scenario import DOMAIN, Dataset, JaffleScenario
from synth_assets.domains.jaffle.tables.customers import first_name, last_name
from synth_assets.quality.building import row_check
from synth_assets.quality.drift import drift
from synth_assets.quality.keys import unique
from synth_assets.randomness.noise import Corruption, Noise
from synth_assets.randomness.run_lengths import RunLengths

# Share of sign-ups without an e-mail address (rate of the original project).
BLANK_EMAIL = 1 / 31
SHARED_EMAIL = "abcd@example.com"
# Added to the ids of customers that do not exist.
ORPHAN_OFFSET = 500_000_000


class Signups(dy.Schema):
    """A sign-up for an account."""

    id = dy.Int64(primary_key=True, min=1, description="Sign-up id.")
    user_id = dy.Int64(
        min=1,
        description="Customer who signed up.",
        metadata=references("customers", detects=["orphan_signup"]),
    )
    user_email = dy.String(
        nullable=True,
        description="E-mail address; one in 31 is missing.",
        regex="^[a-z]+[a-z0-9]*@example\\.com$",
        metadata=pii("email"),
    )
    hashed_password = dy.String(
        regex="^[0-9a-f]{64}$", description="SHA-256 look-alike, hexadecimal."
    )
    signup_date = dy.Datetime(
        time_unit="us", description="Moment of sign-up (UTC), inside the first session."
    )


def signup_runs(model: Model) -> RunLengths:
    """Row numbers of each day: its customers, then orphans (sign-ups without a customer).

    Args:
        model: The data set's model.
    """
    orphans = model.anomalies.hits("orphan_signup", model.customers.size)
    return RunLengths(model.customers.size + orphans)


def slots(model: Model, partition: Partition) -> pl.LazyFrame:
    """All row numbers, including those of missing sign-ups.

    Args:
        model: The data set's model.
        partition: Row numbers to generate.

    Returns:
        Columns row, day, orphan, missing and customer (arbitrary for an orphan).
    """
    runs, people, day = signup_runs(model), model.customers, pl.col("day")
    size = people.lookup("size", day)
    offset = pl.col("row") - runs.lookup("start", day)
    missing = model.anomalies.hits("missing_signup", people.size)
    of_customer = offset.clip(0, size - 1)
    return (
        row_numbers(partition)
        .with_columns(day=runs.locate(pl.col("row")))
        .with_columns(orphan=offset >= size, customer=people.lookup("start", day) + of_customer)
        .with_columns(
            missing=~pl.col("orphan")
            & model.anomalies.is_hit("missing_signup", missing, day, of_customer, size)
        )
    )


def truth(model: Model, partition: Partition) -> pl.LazyFrame:
    """Sign-ups before corruption, with the columns of ``slots``.

    Args:
        model: The data set's model.
        partition: Row numbers to generate.
    """
    row, customer = pl.col("row"), pl.col("customer")
    draw = model.stream("signups")
    name = pl.concat_str(
        first_name(model, customer),
        last_name(model, customer).str.slice(0, 1),
    )
    # The names of the vocabulary have ASCII letters only, so that they suit an address.
    number = (row + model.id_base).cast(pl.String)
    email = pl.concat_str(name.str.to_lowercase(), number, pl.lit("@example.com"))
    orphan_id = model.id_base + ORPHAN_OFFSET + row
    frame = model.with_journey(slots(model, partition).filter(~pl.col("missing")))
    return frame.with_columns(
        id=row + model.id_base,
        user_id=pl.when("orphan").then(orphan_id).otherwise(customer + model.id_base),
        user_email=pl.when(draw.substream("blank").bernoulli(row, BLANK_EMAIL))
        .then(None)
        .otherwise(email),
        hashed_password=draw.substream("password").hexadecimal(row, 64),
        signup_date=model.timestamp(model.signed_up(customer)),
    )


def noise(model: Model) -> Noise:
    """Anomalies of validation data: one e-mail address for several sign-ups.

    Args:
        model: The data set's model.
    """
    runs, day = signup_runs(model), pl.col("day")
    offset = pl.col("row") - runs.lookup("start", day)
    hits = model.anomalies.hits("duplicate_email", runs.size, least=2)
    hit = model.anomalies.is_hit("duplicate_email", hits, day, offset, runs.lookup("size", day))
    return Noise([Corruption("duplicate_email", "user_email", hit, pl.lit(SHARED_EMAIL))])


def rows_before(dataset: Dataset, scenario: JaffleScenario, day: int) -> int:
    """Row numbers before a day, see ``signup_runs``.

    Args:
        dataset: ``training`` or ``validation``.
        scenario: Seed and volumes.
        day: Days since the start date.
    """
    return int(signup_runs(open_model(scenario, dataset, day)).start[scenario.days_before(day)])


def generate_signups(
    dataset: Dataset, scenario: JaffleScenario, partition: Partition
) -> pl.LazyFrame:
    """Sign-ups of a partition, one for each customer; anomalies in validation data.

    Args:
        dataset: ``training`` or ``validation``.
        scenario: Seed and volumes.
        partition: Row numbers to generate.
    """
    model = open_model(scenario, dataset, partition.last)
    return noise(model).observe(truth(model, partition))


def every_customer_signed_up(customers: str) -> Check:
    """Each customer of the partition has a sign-up; failing rows are customers.

    Args:
        customers: Name of the customer table.
    """

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        people = stored.reader.scan(stored.domain.table(customers), stored.keys)
        signed_up = stored.all().select(id="user_id")
        return people.join(signed_up, on="id", how="anti")

    doc = f"Every customer of the partition in `{customers}` has a sign-up."
    return row_check("every_customer_signed_up", doc, failing_rows, reads=[customers])


def table(scenario: JaffleScenario, dataset: Dataset) -> Table:
    """The table of a data set's sign-ups.

    Args:
        scenario: The scenario.
        dataset: ``training`` or ``validation``.
    """
    partitioning = scenario.partitioning
    customers = f"raw_customers_{dataset}"
    return Table(
        domain=DOMAIN,
        name=f"raw_signups_{dataset}",
        doc="One row for each account created on the day; customers sign up in the first session.",
        schema=Signups,
        partitioning=partitioning,
        source=Generated(partial(rows_before, dataset), partial(generate_signups, dataset)),
        parents={"customers": customers},
        checks=[
            unique(["user_email"]).detecting("duplicate_email"),
            every_customer_signed_up(customers).detecting("missing_signup"),
            in_partition("signup_date", "sign-up", partitioning),
            *([] if dataset == "training" else [drift("raw_signups_training")]),
        ],
        tags={"dataset": dataset},
        blocking=dataset == "training",
        code_version="2",
    )
