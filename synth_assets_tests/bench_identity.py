"""Speed and memory of the identity data, against peers in the same run.

Run it with ``python -m synth_assets_tests.bench_identity``; ``make bench`` does, too. Cells a
second of processor time count what generating, encoding and compressing cost on every core.
"""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import polars as pl
from faker import Faker
from mimesis import Generic, Locale

from synth_assets.core import sources
from synth_assets.domains.identity_resolution.domain import domain
from synth_assets.domains.identity_resolution.model import open_model
from synth_assets.domains.identity_resolution.publishing import files
from synth_assets.domains.identity_resolution.scenario import IdentityScenario

SCALES = ("1M", "10M", "50M")
LOOP_ROWS, COLUMNS = 20_000, 14
# TPC-H's line items: about six million rows of sixteen columns at scale factor 1.
TPCH_SCALE, TPCH_COLUMNS = 2, 16


def written(scale: str, truth: bool, folder: str) -> dict[str, float]:
    """Figures of one run that writes the tables; runs in a process of its own."""
    scenario = IdentityScenario.of({"scale": scale})
    started, tables = time.perf_counter(), files.tables(truth=truth)
    open_model(scenario)
    cells = 0
    for table in tables:
        path = Path(folder) / f"{table.name}.parquet"
        files.write(table, scenario, path, os.cpu_count() or 1, lambda rows: None)
        cells += pl.scan_parquet(path).select(pl.len()).collect().item() * len(
            table.schema.columns()
        )
    seconds = time.perf_counter() - started
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "seconds": seconds,
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "cells": cells,
        "records_per_second": scenario.scale / seconds,
        "peak_mib": files.peak_bytes() / 2**20,
    }


def tables(scale: str, *, truth: bool) -> dict[str, float]:
    """``written`` in a new process, into a folder that is removed."""
    with tempfile.TemporaryDirectory() as folder:
        words = [sys.executable, "-m", __spec__.name, scale, str(int(truth)), folder]
        done = subprocess.run(words, capture_output=True, text=True, check=True)
        found: dict[str, float] = json.loads(done.stdout)
        return found


def lineitem() -> dict[str, float]:
    """TPC-H's line items by ``tpchgen-cli`` (Rust), as Parquet with the same compression."""
    with tempfile.TemporaryDirectory() as folder:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        started = time.perf_counter()
        subprocess.run(
            [
                str(Path(sys.executable).with_name("tpchgen-cli")), "parquet", "--tables",
                "lineitem", "-s", str(TPCH_SCALE), "--compression", "ZSTD(1)", "--output-dir",
                folder,
            ],
            capture_output=True, check=True,
        )  # fmt: skip
        seconds = time.perf_counter() - started
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
        rows = pl.scan_parquet(f"{folder}/lineitem.parquet").select(pl.len()).collect().item()
    cells = rows * TPCH_COLUMNS
    return {"seconds": seconds, "cpu_seconds": used, "cells": cells}


def faker_orders(rows: int) -> list[dict[str, Any]]:
    """The columns of e-commerce as people write them: a loop of Faker calls."""
    fake, made = Faker("en_US"), []
    fake.seed_instance(1)
    for row in range(rows):
        made.append(
            {
                "transaction_id": f"ORD-{row}-1",
                "user_id": f"U{fake.random_int(1, 10**7)}",
                "email": fake.email(),
                "phone": fake.phone_number(),
                "product_id": f"PROD-{fake.random_int(0, 50_000)}",
                "quantity": fake.random_int(1, 4),
                "unit_price": fake.pydecimal(left_digits=4, right_digits=2, positive=True),
                "order_total": fake.pydecimal(left_digits=5, right_digits=2, positive=True),
                "currency": fake.currency_code(),
                "shipping_address_hash": fake.md5(),
                "payment_token": f"tok_{fake.hexify('^' * 16)}",
                "device_type": fake.random_element(("mobile", "desktop", "tablet")),
                "order_date": fake.date_time_this_decade(),
                "promo_code": fake.random_element((None, "WELCOME10")),
            }
        )
    return made


def mimesis_orders(rows: int) -> list[dict[str, Any]]:
    """The same columns as a loop of mimesis calls."""
    made, fake, chance = [], Generic(Locale.EN, seed=1), random.Random(1)
    begin = datetime(2023, 1, 1)
    for row in range(rows):
        made.append(
            {
                "transaction_id": f"ORD-{row}-1",
                "user_id": f"U{fake.random.randint(1, 10**7)}",
                "email": fake.person.email(),
                "phone": fake.person.phone_number(),
                "product_id": f"PROD-{fake.random.randint(0, 50_000)}",
                "quantity": fake.random.randint(1, 4),
                "unit_price": fake.finance.price(1, 9_999),
                "order_total": fake.finance.price(1, 99_999),
                "currency": fake.finance.currency_iso_code(),
                "shipping_address_hash": fake.cryptographic.hash(),
                "payment_token": f"tok_{uuid4().hex[:16]}",
                "device_type": fake.random.choice(("mobile", "desktop", "tablet")),
                "order_date": begin + timedelta(seconds=chance.randint(0, 94_000_000)),
                "promo_code": fake.random.choice((None, "WELCOME10")),
            }
        )
    return made


def loop(make: Callable[[int], list[dict[str, Any]]]) -> float:
    """Rows a second of a loop."""
    started = time.perf_counter()
    assert len(make(LOOP_ROWS)[0]) == COLUMNS
    return LOOP_ROWS / (time.perf_counter() - started)


def orders() -> float:
    """Rows a second of the e-commerce table, generated alone."""
    retailer = domain()
    scenario = IdentityScenario.of({"scale": "10M"})
    table = retailer.table("ecom_transactions")
    partitions = list(files.whole(files.tables(truth=False)[3], scenario).batches(200_000))[:5]
    sources.frame(table, scenario, partitions[0]).collect()
    started = time.perf_counter()
    for partition in partitions:
        sources.frame(table, scenario, partition).collect()
    return sum(p.stop - p.start for p in partitions) / (time.perf_counter() - started)


def results() -> dict[str, dict[str, float]]:
    """All figures, by what they say."""
    made = {scale: tables(scale, truth=False) for scale in SCALES}
    peer = lineitem()
    theirs = peer["cells"] / peer["cpu_seconds"]
    last = made[SCALES[-1]]
    ours = last["cells"] / last["cpu_seconds"]
    found = {f"identity data, eight tables of {scale}": figures for scale, figures in made.items()}
    found["the same with truth and edits, 50M"] = tables(SCALES[-1], truth=True)
    found["cells a processor second, against tpchgen-cli's line items"] = {
        "cells_per_cpu_second": ours,
        "tpchgen_cells_per_cpu_second": theirs,
        "ratio": ours / theirs,
    }
    per_record = [made[s]["cpu_seconds"] / IdentityScenario.of({"scale": s}).scale for s in SCALES]
    found["cost of a record at 50M, against 10M"] = {"ratio": per_record[-1] / per_record[1]}
    rate, faker, mimesis = orders(), loop(faker_orders), loop(mimesis_orders)
    found["e-commerce line items generated, against loops"] = {
        "rows_per_second": rate,
        "faker_rows_per_second": faker,
        "mimesis_rows_per_second": mimesis,
        "ratio_to_faker": rate / faker,
        "ratio_to_mimesis": rate / mimesis,
    }
    return found


def main() -> None:
    """Prints all figures, or with arguments those of one run as JSON."""
    if len(sys.argv) > 1:
        scale, truth, folder = sys.argv[1:]
        print(json.dumps(written(scale, bool(int(truth)), folder)))
    else:
        print(json.dumps(results(), indent=1))


if __name__ == "__main__":
    main()
