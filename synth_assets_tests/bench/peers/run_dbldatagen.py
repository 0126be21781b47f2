"""The columns of e-commerce by dbldatagen on Spark, in this machine's cores."""

import os
import sys

# Spark's workers would take the first python3 of the path.
os.environ["PYSPARK_PYTHON"] = sys.executable

import dbldatagen as dg
from pyspark.sql import SparkSession

rows, folder = int(sys.argv[1]), sys.argv[2]
spark = (
    SparkSession.builder.master("local[*]")
    .config("spark.ui.enabled", "false")
    .config("spark.driver.memory", "2g")
    .config("spark.sql.parquet.compression.codec", "zstd")
    .getOrCreate()
)
spark.sparkContext.setLogLevel("ERROR")
cores = spark.sparkContext.defaultParallelism
made = (
    dg.DataGenerator(spark, name="orders", rows=rows, partitions=2 * cores, randomSeed=1)
    .withColumn("transaction_id", "string", expr="concat('ORD-', id, '-1')")
    .withColumn("user_id", "string", minValue=1, maxValue=10**7, prefix="U", random=True)
    .withColumn("email", "string", template=r"\w.\w@\w.com", random=True)
    .withColumn("phone", "string", template=r"(ddd)-ddd-dddd", random=True)
    .withColumn("product_id", "string", minValue=0, maxValue=50_000, prefix="PROD", random=True)
    .withColumn("quantity", "int", minValue=1, maxValue=4, random=True)
    .withColumn("unit_price", "decimal(6,2)", minValue=1, maxValue=9_999, step=0.01, random=True)
    .withColumn("order_total", "decimal(7,2)", minValue=1, maxValue=99_999, step=0.01, random=True)
    .withColumn("currency", "string", values=["USD", "EUR", "GBP", "JPY"], random=True)
    .withColumn("shipping_address_hash", "string", expr="md5(cast(id as string))")
    .withColumn("payment_token", "string",
                expr="concat('tok_', substr(sha1(cast(id as string)), 1, 16))")
    .withColumn("device_type", "string", values=["mobile", "desktop", "tablet"], random=True)
    .withColumn("order_date", "timestamp", begin="2023-01-01 00:00:00", end="2025-12-31 00:00:00",
                interval="1 second", random=True)
    .withColumn("promo_code", "string", values=["WELCOME10"], percentNulls=0.5)
    .build()
)  # fmt: skip
made.write.mode("overwrite").parquet(f"{folder}/rows")
