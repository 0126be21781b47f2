"""The columns of e-commerce as a Snowfakery recipe, into CSV."""

import sys
from io import StringIO

from snowfakery import generate_data

RECIPE = """
- snowfakery_version: 3
- object: order
  count: {rows}
  fields:
    transaction_id: ORD-${{{{id}}}}-1
    user_id: U${{{{random_number(min=1, max=10000000)}}}}
    email: {{fake: email}}
    phone: {{fake: phone_number}}
    product_id: PROD-${{{{random_number(min=0, max=50000)}}}}
    quantity: {{random_number: {{min: 1, max: 4}}}}
    unit_price: ${{{{random_number(min=100, max=999900) / 100}}}}
    order_total: ${{{{random_number(min=100, max=9999900) / 100}}}}
    currency: {{fake: currency_code}}
    shipping_address_hash: {{fake: md5}}
    payment_token: tok_${{{{fake.md5}}}}
    device_type: {{random_choice: [mobile, desktop, tablet]}}
    order_date: ${{{{fake.datetime}}}}
    promo_code: {{random_choice: [WELCOME10, ""]}}
"""
rows, folder = int(sys.argv[1]), sys.argv[2]
generate_data(StringIO(RECIPE.format(rows=rows)), output_format="csv", output_folder=folder)
