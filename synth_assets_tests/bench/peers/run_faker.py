"""The columns of e-commerce as people write them: a loop of Faker calls."""

import sys

import polars as pl
from faker import Faker

rows, folder = int(sys.argv[1]), sys.argv[2]
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
frame = pl.DataFrame(made, infer_schema_length=None)
frame.write_parquet(f"{folder}/rows.parquet", compression_level=1)
