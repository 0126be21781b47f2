"""Sign-ups: one row a customer, at the moment the account is made."""

from __future__ import annotations

from functools import partial

import dataframely as dy
import polars as pl

from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.partitioning import Daily, Partition
from synth_assets.core.schema import pii, references
from synth_assets.core.sources import Generated, row_numbers
from synth_assets.domains.jaffle.model import DOMAIN, Shop, open_shop
from synth_assets.domains.jaffle.noise import Corruption, Noise
from synth_assets.domains.jaffle.scenario import Dataset, JaffleScenario
from synth_assets.domains.jaffle.tables.customers import first_name, last_name
from synth_assets.quality.building import row_check
from synth_assets.quality.statistical import drift
from synth_assets.quality.structural import holds, unique
from synth_assets.randomness.run_lengths import RunLengths

# One in 31 sign-ups leaves the e-mail out (upstream's rate).
BLANK_EMAIL = 1 / 31
SHARED_EMAIL = "abcd@example.com"
# Added to the ids of customers that do not exist.
NOBODY = 500_000_000


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


def signup_runs(shop: Shop) -> RunLengths:
    """Sign-up slots of each day: its customers, then those of people who do not exist."""
    orphans = shop.anomalies.hits("orphan_signup", shop.customers.size)
    return RunLengths(shop.customers.size + orphans)


def slots(shop: Shop, partition: Partition) -> pl.LazyFrame:
    """All slots: ``row``, ``day``, ``orphan``, ``missing``, ``customer`` (of an orphan: any)."""
    runs, people, day = signup_runs(shop), shop.customers, pl.col("day")
    size = people.take("size", day)
    offset = pl.col("row") - runs.take("start", day)
    missing = shop.anomalies.hits("missing_signup", people.size)
    of_customer = offset.clip(0, size - 1)
    return (
        row_numbers(partition)
        .with_columns(day=runs.find(pl.col("row")))
        .with_columns(orphan=offset >= size, customer=people.take("start", day) + of_customer)
        .with_columns(
            missing=~pl.col("orphan")
            & shop.anomalies.is_hit("missing_signup", missing, day, of_customer, size)
        )
    )


def truth(shop: Shop, partition: Partition) -> pl.LazyFrame:
    """Sign-ups as they are, with the columns of ``slots``."""
    row, customer = pl.col("row"), pl.col("customer")
    draw = shop.draw("signups")
    name = pl.concat_str(
        first_name(shop, customer).cast(pl.String),
        last_name(shop, customer).cast(pl.String).str.slice(0, 1),
    )
    # Letters only: the names of the vocabulary are plain English ones.
    number = (row + shop.id_base).cast(pl.String)
    email = pl.concat_str(name.str.to_lowercase(), number, pl.lit("@example.com"))
    orphan_id = shop.id_base + NOBODY + row
    frame = shop.with_journey(slots(shop, partition).filter(~pl.col("missing")))
    return frame.with_columns(
        id=row + shop.id_base,
        user_id=pl.when("orphan").then(orphan_id).otherwise(customer + shop.id_base),
        user_email=pl.when(draw.substream("blank").bernoulli(row, BLANK_EMAIL))
        .then(None)
        .otherwise(email),
        hashed_password=draw.substream("password").hexadecimal(row, 64),
        signup_date=shop.at(shop.signed_up(customer)),
    )


def noise(shop: Shop) -> Noise:
    """What validation data shows instead: one address for many."""
    runs, day = signup_runs(shop), pl.col("day")
    offset = pl.col("row") - runs.take("start", day)
    hits = shop.anomalies.hits("duplicate_email", runs.size, least=4)
    hit = shop.anomalies.is_hit("duplicate_email", hits, day, offset, runs.take("size", day))
    return Noise([Corruption("duplicate_email", "user_email", hit, pl.lit(SHARED_EMAIL))])


def rows_before(dataset: Dataset, scenario: JaffleScenario, day: int) -> int:
    """Sign-up slots before a day."""
    return int(signup_runs(open_shop(scenario, dataset, day)).start[day])


def generate_signups(
    dataset: Dataset, scenario: JaffleScenario, partition: Partition
) -> pl.LazyFrame:
    """Sign-ups of a partition, one for each customer; anomalies in validation data."""
    shop = open_shop(scenario, dataset, partition.last)
    return noise(shop).observe(truth(shop, partition))


def every_customer_signed_up(customers: str) -> Check:
    """Each customer of the partition has a sign-up; failing rows are customers, by their id."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        people = stored.reader.scan(stored.domain.table(customers), stored.keys)
        signed_up = stored.whole.select(id="user_id")
        return people.join(signed_up, on="id", how="anti")

    doc = f"Every customer of the partition in `{customers}` has a sign-up."
    return row_check("every_customer_signed_up", doc, failing_rows, reads=[customers])


def table(dataset: Dataset, partitioning: Daily) -> Table:
    """The table of a data set's sign-ups."""
    customers = f"raw_customers_{dataset}"
    on_its_day = pl.col("signup_date").dt.date().cast(pl.String) == pl.col(
        partitioning.partition_column
    )
    return Table(
        domain=DOMAIN,
        name=f"raw_signups_{dataset}",
        doc="One row for each account made on the day; the customer signs up in the first session.",
        schema=Signups,
        partitioning=partitioning,
        source=Generated(partial(rows_before, dataset), partial(generate_signups, dataset)),
        parents={"customers": customers},
        checks=[
            unique(["user_email"]).detecting("duplicate_email"),
            every_customer_signed_up(customers).detecting("missing_signup"),
            holds("on_its_day", "Every sign-up lies on the partition's date.", on_its_day),
            *([] if dataset == "training" else [drift("raw_signups_training")]),
        ],
        tags={"dataset": dataset},
        blocking=dataset == "training",
    )
