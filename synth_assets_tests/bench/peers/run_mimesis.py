"""The columns of e-commerce as a loop of mimesis calls."""

import random
import sys
from datetime import datetime, timedelta
from uuid import uuid4

import polars as pl
from mimesis import Generic, Locale

rows, folder = int(sys.argv[1]), sys.argv[2]
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
frame = pl.DataFrame(made, infer_schema_length=None)
frame.write_parquet(f"{folder}/rows.parquet", compression_level=1)
