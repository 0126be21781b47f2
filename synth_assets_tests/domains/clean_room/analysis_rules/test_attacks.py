# ruff: noqa: E501 (a query to a line, so that the table can be read)
"""Attempts to circumvent the rules, each with its refusal."""

from __future__ import annotations

import polars as pl
import pytest

from synth_assets.domains.clean_room.analysis_rules import CleanRoom
from synth_assets.domains.clean_room.analysis_rules import errors as refusals
from synth_assets_tests.domains.clean_room.analysis_rules.made import CANARY, M, P

AGG = "SELECT WITH AGGREGATION_THRESHOLD"
V = f"`{P}.open_users` AS p"
JOINED = f"`{P}.provider_users` AS p JOIN `{M}.users` AS u ON u.email = p.email"
OVERLAP = f"`{P}.transactions` AS t JOIN `{M}.orders` AS o ON o.order_id = t.order_id"
DP = "SELECT WITH DIFFERENTIAL_PRIVACY"
D = f"`{P}.private_users` AS p"
ONE = "contribution_bounds_per_group => (0, 1)"

UNPROVEN = refusals.NotProvablySafeError
CLAUSE = refusals.PrivacyClauseRequiredError
UNIT = refusals.PrivacyUnitExposedError
OPTION = refusals.PrivacyOptionError
JOIN = refusals.JoinRestrictedError
KIND = refusals.NotASelectError
UNKNOWN = refusals.UnknownRelationError
SHARED = refusals.PrivacyUnitNotSharedError

# A join on a column that may not be joined on, in as many guises.
COMPARISONS = [
    "p.provider_user_id = u.id",
    "NOT CAST(p.provider_user_id - u.id AS BOOL)",
    "CASE p.provider_user_id WHEN u.id THEN TRUE ELSE FALSE END",
    "CASE p.provider_user_id - u.id WHEN 0 THEN TRUE END",
    "NULLIF(p.provider_user_id, u.id) IS NULL",
    "p.provider_user_id IN (u.id, u.age)",
    "u.id BETWEEN p.provider_user_id AND p.provider_user_id",
    "CONCAT(p.city, u.country) = 'city 1DE'",
    "GREATEST(p.provider_user_id, u.id) = LEAST(p.provider_user_id, u.id)",
    "IF(u.id > 0, p.provider_user_id - u.id, 1) = 0",
]

ATTACKS: list[tuple[str, type[refusals.RefusedError]]] = [
    # without the clause, at every place a view can be read
    (f"SELECT * FROM {V}", CLAUSE),
    (f"SELECT p.account_tier, COUNT(*) FROM {V} GROUP BY 1", CLAUSE),
    (f"SELECT COUNT(*) FROM (SELECT email FROM {V}) AS x", CLAUSE),
    (f"WITH x AS (SELECT * FROM {V}) SELECT * FROM x", CLAUSE),
    (f"{AGG} x.account_tier, COUNT(*) FROM (SELECT * FROM {V}) AS x GROUP BY 1", CLAUSE),
    (f"WITH x AS (SELECT * FROM {V}) {AGG} account_tier, COUNT(*) FROM x GROUP BY 1", CLAUSE),
    (f"SELECT id FROM `{M}.users` UNION ALL SELECT provider_user_id FROM {V}", CLAUSE),
    (f"(SELECT email FROM `{M}.users`) EXCEPT DISTINCT (SELECT email FROM {V})", CLAUSE),
    (f"SELECT email FROM `{M}.users` INTERSECT DISTINCT SELECT email FROM {V}", CLAUSE),
    (f"SELECT * FROM `{M}.users` u LEFT JOIN {V} ON u.email = p.email", CLAUSE),
    (f"SELECT ' WITH AGGREGATION_THRESHOLD ' AS x, p.email FROM {V}", CLAUSE),
    (f"SELECT /* WITH AGGREGATION_THRESHOLD */ p.email FROM {V}", CLAUSE),
    (f"SELECT -- WITH AGGREGATION_THRESHOLD\n p.email FROM {V}", CLAUSE),
    (f"SELECT `WITH AGGREGATION_THRESHOLD` FROM {V}", CLAUSE),
    (f"SELECT * FROM {D}", CLAUSE),
    (f"{AGG} COUNT(*) FROM {D}", CLAUSE),
    (f"{DP} COUNT(*, {ONE}) FROM {V}", CLAUSE),
    # the unit column under other names
    (f"{AGG} p.email, COUNT(*) FROM {V} GROUP BY 1", UNIT),
    (f"{AGG} P.EMAIL AS x, COUNT(*) FROM {V} GROUP BY x", UNIT),
    (f"{AGG} `email`, COUNT(*) FROM `{P}.open_users` GROUP BY `email`", UNIT),
    (f"{AGG} UPPER(email) AS city, COUNT(*) FROM {V} GROUP BY city", UNIT),
    (f"{AGG} CONCAT(email, account_tier), COUNT(*) FROM {V} GROUP BY 1", UNIT),
    (f"{AGG} COUNTIF(email = '{CANARY}') FROM {V}", UNIT),
    (f"{AGG} SUM(IF(p.email = '{CANARY}', p.score, 0)) AS s FROM {V}", UNIT),
    (f"{AGG} COUNT(*) FROM {V} WHERE email <> '{CANARY}'", UNIT),
    (f"{AGG} COUNT(*) FROM {V} WHERE email LIKE 'canary%'", UNIT),
    (f"{AGG} account_tier, COUNT(*) AS n FROM {V} GROUP BY 1 ORDER BY email", UNIT),
    (f"{AGG} account_tier, COUNT(*) AS n FROM {V} GROUP BY 1 HAVING email > ''", UNIT),
    (f"{AGG} LENGTH(p.email) AS l, COUNT(*) FROM {V} GROUP BY l", UNIT),
    (f"{AGG} COUNT(IF(email = 'x', 1, NULL)) FROM {V}", UNIT),
    (f"{AGG} * FROM {V}", UNIT),
    (f"{AGG} p.* FROM {JOINED}", UNIT),
    (f"{AGG} email, COUNT(*) FROM `{P}.provider_users` JOIN `{M}.users` USING (email) GROUP BY 1", UNIT),
    # rows instead of groups
    (f"{AGG} account_tier FROM {V}", UNPROVEN),
    (f"{AGG} DISTINCT account_tier FROM {V}", UNPROVEN),
    (f"{AGG} * EXCEPT (email) FROM {V}", UNPROVEN),
    (f"{AGG} account_tier, COUNT(*) FROM {V} GROUP BY 1 ORDER BY score", UNPROVEN),
    (f"{AGG} account_tier, COUNT(*) FROM {V} GROUP BY 1 HAVING score > 5", UNPROVEN),
    (f"{AGG} account_tier, score, COUNT(*) FROM {V} GROUP BY 1", UNPROVEN),
    (f"{AGG} account_tier, COUNT(*) FROM {V} GROUP BY 1 LIMIT (SELECT 1)", UNPROVEN),
    (f"{AGG} account_tier, COUNT(*) + score FROM {V} GROUP BY 1", UNPROVEN),
    (f"{AGG} p FROM {V}", UNPROVEN),
    (f"{AGG} SUM(p.*) FROM {V}", UNPROVEN),
    (f"{AGG} p.* || 'x' AS k, COUNT(*) FROM {V} GROUP BY k", UNPROVEN),
    (f"{AGG} COUNT(*) FROM {V} WHERE p.* > 0", UNPROVEN),
    (f"{AGG} COUNT(*), TO_JSON_STRING(p) FROM {V}", UNPROVEN),
    (f"{AGG} AS STRUCT COUNT(*) FROM {V}", KIND),
    (f"SELECT AS STRUCT * FROM {OVERLAP}", UNPROVEN),
    (f"SELECT AS VALUE t FROM {OVERLAP}", UNPROVEN),
    (f"SELECT t FROM {OVERLAP}", UNPROVEN),
    # aggregates that return what one row holds
    (f"{AGG} MAX(score) FROM {V}", UNPROVEN),
    (f"{AGG} MIN(email) FROM {V}", UNPROVEN),
    (f"{AGG} ANY_VALUE(email) FROM {V}", UNPROVEN),
    (f"{AGG} ARRAY_AGG(email) FROM {V}", UNPROVEN),
    (f"{AGG} STRING_AGG(email) FROM {V}", UNPROVEN),
    (f"{AGG} APPROX_QUANTILES(score, 100) FROM {V}", UNPROVEN),
    (f"{AGG} APPROX_TOP_COUNT(email, 1) FROM {V}", UNPROVEN),
    (f"{AGG} MAX_BY(email, score) FROM {V}", UNPROVEN),
    (f"{AGG} PERCENTILE_CONT(score, 0.5) OVER () FROM {V}", UNPROVEN),
    (f"{AGG} BIT_XOR(provider_user_id) FROM {V}", UNPROVEN),
    (f"{AGG} account_tier, SUM(score HAVING MAX score) FROM {V} GROUP BY 1", UNPROVEN),
    (f"{AGG} AVG(SUM(score)) FROM {V}", UNPROVEN),
    # windows
    (f"{AGG} SUM(score) OVER () FROM {V}", UNPROVEN),
    (f"{AGG} account_tier, SUM(COUNT(*)) OVER () FROM {V} GROUP BY 1", UNPROVEN),
    (f"{AGG} FIRST_VALUE(email) OVER (ORDER BY email) FROM {V}", UNPROVEN),
    (f"{AGG} account_tier, COUNT(*) FROM {V} GROUP BY 1 QUALIFY ROW_NUMBER() OVER () = 1", UNPROVEN),
    # grouping in other ways
    (f"{AGG} account_tier, COUNT(*) FROM {V} GROUP BY ROLLUP(account_tier, email)", UNPROVEN),
    (f"{AGG} account_tier, COUNT(*) FROM {V} GROUP BY GROUPING SETS (account_tier, email)", UNPROVEN),
    (f"{AGG} account_tier, COUNT(*) FROM {V} GROUP BY ALL", UNPROVEN),
    (f"{AGG} account_tier, COUNT(*) FROM {V} GROUP BY 7", UNPROVEN),
    (f"{AGG} * FROM {V} PIVOT(COUNT(*) FOR account_tier IN ('Canary'))", UNPROVEN),
    (f"{AGG} * FROM {V} UNPIVOT(x FOR y IN (account_tier, city))", UNPROVEN),
    (f"{AGG} account_tier, COUNT(*) FROM `{P}.open_users` TABLESAMPLE SYSTEM (1 PERCENT) GROUP BY 1", UNPROVEN),
    (f"{AGG} COUNT(*) FROM `{P}.open_users` FOR SYSTEM_TIME AS OF TIMESTAMP '2020-01-01'", UNPROVEN),
    # joins that invent or multiply rows
    (f"{AGG} account_tier, COUNT(*) FROM {V} LEFT JOIN `{M}.users` u ON u.email = p.email GROUP BY 1", UNPROVEN),
    (f"{AGG} u.id, COUNT(*) FROM `{M}.users` u LEFT JOIN {V} ON u.email = p.email GROUP BY 1", UNPROVEN),
    (f"{AGG} account_tier, COUNT(*) FROM {V} FULL JOIN `{M}.users` u ON u.email = p.email GROUP BY 1", UNPROVEN),
    (f"{AGG} account_tier, COUNT(*) FROM {V} CROSS JOIN `{M}.users` u GROUP BY 1", UNPROVEN),
    (f"{AGG} account_tier, COUNT(*) FROM {V}, `{M}.users` u WHERE u.email = p.email GROUP BY 1", UNPROVEN),
    (f"{AGG} account_tier, COUNT(*) FROM {V} JOIN `{M}.users` u ON TRUE GROUP BY 1", UNPROVEN),
    (f"{AGG} account_tier, COUNT(*) FROM {V} JOIN `{M}.users` u ON u.email <> p.email GROUP BY 1", UNPROVEN),
    (f"{AGG} account_tier, COUNT(*) FROM {V} JOIN `{M}.users` u ON u.email = p.email OR TRUE GROUP BY 1", UNPROVEN),
    (f"{AGG} account_tier, COUNT(*) FROM {V} JOIN `{M}.users` u ON LOWER(u.email) = p.email GROUP BY 1", UNPROVEN),
    (f"{AGG} account_tier, COUNT(*) FROM {V} JOIN `{M}.users` u ON u.id = p.email GROUP BY 1", UNPROVEN),
    (f"{AGG} account_tier, COUNT(*) FROM {V} NATURAL JOIN `{M}.users` GROUP BY 1", UNPROVEN),
    (f"{AGG} account_tier, COUNT(*) FROM {V} JOIN UNNEST(['{CANARY}']) AS e ON e = p.email GROUP BY 1", UNPROVEN),
    (f"{AGG} p.account_tier, COUNT(*) FROM {V}, LATERAL (SELECT p.email) AS l GROUP BY 1", UNPROVEN),
    (f"{AGG} p.account_tier, COUNT(*) FROM {V} JOIN `{P}.open_users` AS q ON p.city = q.city GROUP BY 1", SHARED),
    (f"{AGG} COUNT(*) FROM {V} JOIN {D.replace('AS p', 'AS q')} ON p.email = q.email", UNPROVEN),
    # queries in expressions
    (f"SELECT u.id FROM `{M}.users` u WHERE u.email IN (SELECT email FROM {V})", UNPROVEN),
    (f"SELECT u.id FROM `{M}.users` u WHERE EXISTS (SELECT 1 FROM {V} WHERE p.email = u.email)", UNPROVEN),
    (f"SELECT u.id, (SELECT p.account_tier FROM {V} WHERE p.email = u.email) FROM `{M}.users` u", UNPROVEN),
    (f"SELECT u.id FROM `{M}.users` u ORDER BY (SELECT COUNT(*) FROM {V} WHERE p.email = u.email)", UNPROVEN),
    (f"SELECT 1 AS x UNION ALL SELECT 2 ORDER BY (SELECT MAX(email) FROM {V})", UNPROVEN),
    (f"SELECT u.id FROM `{M}.users` u JOIN `{M}.orders` o ON o.user_id = u.id AND u.email IN (SELECT t.transaction_id FROM {OVERLAP.replace(' o', ' z').replace('o.', 'z.')})", UNPROVEN),
    (f"{AGG} COUNT(*) FROM {V} WHERE p.score > (SELECT AVG(age) FROM `{M}.users`)", UNPROVEN),
    (f"{AGG} COUNT(*) FROM {V} WHERE EXISTS (SELECT 1 FROM `{M}.users` u WHERE u.email = p.email)", UNPROVEN),
    (f"{AGG} COUNT(*), ARRAY(SELECT p.email) FROM {V}", UNPROVEN),
    (f"{AGG} account_tier, COUNT((SELECT p.email)) FROM {V} GROUP BY 1", UNPROVEN),
    (f"SELECT x FROM `{M}.users` u, (SELECT WITH AGGREGATION_THRESHOLD COUNT(*) AS x FROM {V} WHERE p.city = u.country)", UNPROVEN),
    # the options of the clause
    (f"{AGG} OPTIONS(threshold=1) account_tier, COUNT(*) FROM {V} GROUP BY 1", OPTION),
    (f"{AGG} OPTIONS(threshold=0) account_tier, COUNT(*) FROM {V} GROUP BY 1", OPTION),
    (f"{AGG} OPTIONS(threshold=-50) account_tier, COUNT(*) FROM {V} GROUP BY 1", OPTION),
    (f"{AGG} OPTIONS(threshold=50.5) account_tier, COUNT(*) FROM {V} GROUP BY 1", OPTION),
    (f"{AGG} OPTIONS(threshold=50, threshold=1) COUNT(*) FROM {V}", OPTION),
    (f"{AGG} OPTIONS(privacy_unit_column=provider_user_id) COUNT(*) FROM {V}", OPTION),
    (f"{AGG} OPTIONS(privacy_unit_column=u.email) COUNT(*) FROM {JOINED}", OPTION),
    (f"{AGG} OPTIONS(epsilon=1) COUNT(*) FROM {V}", OPTION),
    (f"{AGG} OPTIONS COUNT(*) FROM {V}", OPTION),
    (f"{AGG} COUNT(*) FROM `{M}.users`", OPTION),
    (f"{DP} COUNT(*, {ONE}) FROM `{M}.users`", OPTION),
    # the join restriction
    (f"{AGG} account_tier, COUNT(*) FROM `{P}.provider_users` GROUP BY 1", JOIN),
    (f"SELECT * FROM `{P}.transactions`", JOIN),
    (f"SELECT t.order_id FROM `{P}.transactions` t JOIN `{M}.orders` o ON o.user_id = t.provider_user_id", JOIN),
    (f"SELECT t.order_id FROM `{P}.transactions` t JOIN `{P}.transactions` o ON o.order_id = t.order_id", JOIN),
    (f"SELECT t.* FROM `{P}.transactions` t JOIN `{P}.free_users` p ON t.order_id = p.provider_user_id", JOIN),
    (f"SELECT t.* FROM `{M}.orders` o LEFT JOIN `{P}.transactions` t ON o.order_id = t.order_id", UNPROVEN),
    (f"SELECT t.* FROM `{P}.transactions` t, `{M}.orders` o WHERE o.order_id = t.order_id", UNPROVEN),
    (f"SELECT t.* FROM `{P}.transactions` t JOIN `{M}.orders` o ON o.order_id >= t.order_id", UNPROVEN),
    (f"SELECT t.* FROM `{P}.transactions` t JOIN `{M}.orders` o ON o.order_id = t.order_id OR 1 = 1", UNPROVEN),
    (f"SELECT t.* FROM `{P}.transactions` t JOIN `{M}.orders` o ON o.order_id = t.order_id + 0", UNPROVEN),
    (f"SELECT t.* FROM `{P}.transactions` t JOIN `{M}.orders` o ON t.order_id = t.order_id", UNPROVEN),
    (f"SELECT t.* FROM {OVERLAP} AND o.user_id = t.provider_user_id", JOIN),
    (f"SELECT t.* FROM {OVERLAP} WHERE o.user_id = t.provider_user_id", JOIN),
    (f"SELECT COUNTIF(o.user_id = t.provider_user_id) AS n FROM {OVERLAP}", JOIN),
    (f"SELECT x.order_id FROM (SELECT t.* FROM {OVERLAP}) AS x JOIN `{M}.users` u ON u.id = x.provider_user_id", JOIN),
    (f"SELECT u.id FROM `{M}.users` u WHERE u.id IN (SELECT t.provider_user_id FROM {OVERLAP})", UNPROVEN),
    (f"SELECT t.provider_user_id FROM {OVERLAP} INTERSECT DISTINCT SELECT id FROM `{M}.users`", JOIN),
    (f"SELECT x.order_id FROM (SELECT t.provider_user_id AS order_id FROM {OVERLAP} UNION ALL SELECT id FROM `{M}.users`) AS x GROUP BY 1 HAVING COUNT(*) > 1", JOIN),
    (f"SELECT t.provider_user_id FROM {OVERLAP} UNION DISTINCT SELECT id FROM `{M}.users`", JOIN),
    *((f"{AGG} COUNT(*) AS n FROM {JOINED} WHERE {one}", JOIN) for one in COMPARISONS),
    *((f"{AGG} {one} AS k, COUNT(*) AS n FROM {JOINED} GROUP BY k", JOIN) for one in COMPARISONS),
    *((f"{AGG} COUNTIF({one}) AS n FROM {JOINED}", JOIN) for one in COMPARISONS),
    *((f"{AGG} COUNT(*) AS n FROM {JOINED} HAVING LOGICAL_OR({one})", JOIN) for one in COMPARISONS),
    *((f"{AGG} p.city FROM {JOINED} GROUP BY 1 ORDER BY COUNTIF({one})", JOIN) for one in COMPARISONS),
    (f"{AGG} SIGN(p.provider_user_id - u.id) AS k, COUNT(*) AS n FROM {JOINED} GROUP BY k", JOIN),
    (f"{AGG} COUNT(*) AS n FROM {JOINED} GROUP BY SIGN(p.provider_user_id - u.id)", JOIN),
    (f"{AGG} SUM(ABS(p.provider_user_id - u.id)) AS n FROM {JOINED}", JOIN),
    (f"{AGG} CORR(p.provider_user_id, u.id) AS n FROM {JOINED}", JOIN),
    (f"{AGG} COUNT(DISTINCT p.city || u.country) AS n FROM {JOINED}", JOIN),
    (f"SELECT t.order_id, t.provider_user_id - o.user_id AS d FROM {OVERLAP}", JOIN),
    (f"SELECT t.order_id FROM {OVERLAP} ORDER BY t.provider_user_id - o.user_id", JOIN),
    (f"SELECT SIGN(t.provider_user_id - o.user_id) AS s, COUNT(*) AS n FROM {OVERLAP} GROUP BY 1", JOIN),
    (f"SELECT p.email FROM `{P}.strict_users` p JOIN `{M}.users` u ON u.email = p.email", JOIN),
    (f"SELECT * FROM `{P}.free_users` p JOIN `{M}.users` u ON u.id = p.provider_user_id", JOIN),
    (f"SELECT * FROM (SELECT * FROM `{P}.free_users`) p JOIN `{M}.users` u ON u.id = p.provider_user_id", JOIN),
    (f"SELECT * FROM `{P}.blocked_users` p JOIN `{M}.users` u ON u.email = p.email", JOIN),
    (f"WITH x AS (SELECT * FROM `{P}.blocked_users`) SELECT * FROM x JOIN `{M}.users` u ON u.email = x.email", JOIN),
    (f"WITH x AS (SELECT * FROM `{P}.blocked_users`) SELECT * FROM x, `{M}.users` u WHERE u.email = x.email", JOIN),
    (f"SELECT email FROM `{P}.blocked_users` EXCEPT DISTINCT SELECT email FROM `{M}.users`", JOIN),
    (f"WITH x AS (SELECT * FROM `{P}.blocked_users`) SELECT * FROM `{M}.users` u WHERE u.email IN (SELECT email FROM x)", JOIN),
    (f"WITH x AS ({AGG} city, COUNT(*) AS n FROM `{P}.blocked_groups` GROUP BY 1) SELECT * FROM x JOIN `{M}.users` u ON u.country = x.city", JOIN),
    # differential privacy
    (f"{DP} SUM(DISTINCT score) FROM {D}", UNPROVEN),
    (f"{DP} SUM(email) FROM {D}", UNIT),
    (f"{DP} MAX(score) FROM {D}", UNPROVEN),
    (f"{DP} COUNT(DISTINCT score) FROM {D}", UNPROVEN),
    (f"{DP} STDDEV(score) FROM {D}", UNPROVEN),
    (f"{DP} SUM(score, contribution_bounds_per_group => (1, 0)) FROM {D}", OPTION),
    (f"{DP} SUM(score, contribution_bounds_per_group => (0, 1e300)) FROM {D}", OPTION),
    (f"{DP} SUM(score, contribution_bounds_per_group => (score, score)) FROM {D}", OPTION),
    (f"{DP} email, COUNT(*, {ONE}) FROM {D} GROUP BY 1", UNIT),
    (f"{DP} COUNT(email, {ONE}) FROM {D}", UNIT),
    (f"{DP} OPTIONS(epsilon=3) COUNT(*, {ONE}) FROM {D}", refusals.EpsilonTooHighError),
    (f"{DP} OPTIONS(delta=0.5) COUNT(*, {ONE}) FROM {D}", refusals.DeltaTooHighError),
    (f"{DP} OPTIONS(epsilon=inf) COUNT(*, {ONE}) FROM {D}", OPTION),
    (f"{DP} OPTIONS(epsilon=1e-300) COUNT(*, {ONE}) FROM {D}", OPTION),
    (f"{DP} OPTIONS(delta=1e-320) city, COUNT(*, {ONE}) FROM {D} GROUP BY 1", OPTION),
    (f"{DP} OPTIONS(max_groups_contributed=99999999999) COUNT(*, {ONE}) FROM {D}", OPTION),
    (f"SELECT COUNT(*, {ONE}) FROM `{M}.users`", OPTION),
    (f"{AGG} account_tier, COUNT(*, {ONE}) FROM {V} GROUP BY 1", UNPROVEN),
    (f"{DP} OPTIONS(max_groups_contributed=0) COUNT(*, {ONE}) FROM {D}", OPTION),
    (f"{DP} COUNT(*, {ONE}) FROM `{P}.private_joined`", JOIN),
    (f"{DP} COUNT(*, {ONE}) AS n FROM {D} UNION ALL {DP} COUNT(*, {ONE}) FROM {D}", UNPROVEN),
    # other relations, files, functions
    (f"SELECT * FROM `{P}_base.users`", UNKNOWN),
    ("SELECT * FROM relation_0", UNKNOWN),
    ("SELECT * FROM `region-eu`.INFORMATION_SCHEMA.TABLES", UNKNOWN),
    (f"SELECT * FROM `{P}.*`", UNKNOWN),
    ("SELECT * FROM duckdb_tables", UNKNOWN),
    ("SELECT * FROM sqlite_master", UNKNOWN),
    ("SELECT * FROM `/etc/passwd`", UNKNOWN),
    ("SELECT * FROM duckdb_tables()", UNPROVEN),
    ("SELECT * FROM read_csv('/etc/passwd')", UNPROVEN),
    ("SELECT * FROM read_parquet('x.parquet')", UNPROVEN),
    ("SELECT * FROM query('SELECT 1')", UNPROVEN),
    ("SELECT * FROM ML.PREDICT(MODEL `a.b.c`, (SELECT 1))", UNPROVEN),
    ("SELECT * FROM EXTERNAL_QUERY('c', 'SELECT 1')", UNPROVEN),
    ("SELECT * FROM UNNEST(GENERATE_ARRAY(1, 1000000000))", UNPROVEN),
    ("SELECT getenv('HOME')", UNPROVEN),
    ("SELECT my_function(1)", UNPROVEN),
    ("SELECT `p.d.my_function`(1)", UNPROVEN),
    ("SELECT SESSION_USER()", UNPROVEN),
    ("SELECT @x", UNPROVEN),
    ("SELECT @@version", UNPROVEN),
    (f"{AGG} COUNT(*) FROM {V} WHERE ERROR(account_tier) IS NULL", UNPROVEN),
    (f"{AGG} COUNT(*) FROM {V} WHERE RAND() < 0.5", UNPROVEN),
    (f"{AGG} COUNT(*) FROM {V} WHERE account_tier = REPEAT('x', 1000000000)", UNPROVEN),
    (f"{AGG} SUM(score + 99999999999999999999999999999999999999) FROM {V}", UNPROVEN),
    (f"{AGG} COUNT(CAST(score AS NUMERIC)) FROM {V}", UNPROVEN),
    ("WITH RECURSIVE r AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM r) SELECT * FROM r", UNPROVEN),
    ("SELECT * FROM (WITH x AS (SELECT 1 AS a) SELECT a FROM x)", UNPROVEN),
    ("SELECT " + "(" * 400 + "1" + ")" * 400, UNPROVEN),
    # statements that are not one SELECT
    ("", KIND),
    (";", KIND),
    ("SELECT 1; SELECT 2", KIND),
    (f"SELECT 1; DROP VIEW `{P}.open_users`", KIND),
    ("SELECT 'open", KIND),
    ("SELECT FROM WHERE", KIND),
    ("SET x = 1", KIND),
    ("PRAGMA show_tables", KIND),
    ("ATTACH 'x.db'", KIND),
    ("INSTALL httpfs", KIND),
    ("LOAD httpfs", KIND),
    ("COPY relation_0 TO 'x.csv'", KIND),
    (f"EXPORT DATA OPTIONS(uri='gs://x/*') AS SELECT * FROM {V}", KIND),
    (f"CREATE TABLE x AS SELECT * FROM {V}", KIND),
    ("CREATE TEMP FUNCTION f(x INT64) AS (x); SELECT f(1)", KIND),
    (f"INSERT INTO `{M}.users` SELECT * FROM {V}", KIND),
    (f"UPDATE `{M}.users` SET id = 1 WHERE TRUE", KIND),
    (f"DELETE FROM `{M}.users` WHERE TRUE", KIND),
    (f"MERGE `{M}.users` USING {V} ON FALSE WHEN NOT MATCHED THEN INSERT ROW", KIND),
    ("DECLARE x INT64 DEFAULT 1", KIND),
    ("BEGIN SELECT 1; END", KIND),
    ("EXECUTE IMMEDIATE 'SELECT 1'", KIND),
    ("CALL p.d.f()", KIND),
    ("EXPLAIN SELECT 1", KIND),
    ("DESCRIBE relation_0", KIND),
    ("SHOW TABLES", KIND),
    ("VALUES (1)", KIND),
    (f"FROM {V} |> AGGREGATE COUNT(*)", KIND),
    (f"TABLE `{P}.open_users`", KIND),
    (f"WITH x AS (SELECT 1) DELETE FROM `{M}.users` WHERE TRUE", KIND),
]  # fmt: skip


@pytest.mark.parametrize(("sql", "refusal"), ATTACKS, ids=[sql[:90] for sql, _ in ATTACKS])
def test_is_refused(clean_room: CleanRoom, sql: str, refusal: type[refusals.RefusedError]) -> None:
    with pytest.raises(refusals.RefusedError) as refused:
        clean_room.run(sql, "merchant")
    assert type(refused.value) is refusal, refused.value
    assert "777777" not in str(refused.value)
    assert "DuckDB" not in str(refused.value)


# Expressions that fail on the canary's row alone; a failure that showed would tell on it.
FAILING = [
    "CAST(p.account_tier AS INT64)",
    "1 / (p.score - 777777)",
    "SAFE_DIVIDE(1, p.score - 777777)",
    "IF(p.account_tier = 'Canary', 9223372036854775807 + p.provider_user_id, 0)",
    "IF(p.account_tier = 'Canary', 9223372036854775807 * 2 * p.provider_user_id, 0)",
    "IF(p.account_tier = 'Canary', CAST(p.account_tier AS FLOAT64), 0)",
    "IF(p.account_tier = 'Canary', 1e308 * 10 * p.score, 0)",
    "IF(p.account_tier = 'Canary', EXTRACT(YEAR FROM CAST(p.account_tier AS DATE)), 0)",
    "IF(p.account_tier = 'Canary', -(-9223372036854775807 - p.provider_user_id), 0)",
    "MOD(p.provider_user_id, p.provider_user_id - 1)",
]


@pytest.mark.parametrize("expression", FAILING)
def test_a_row_that_would_fail_is_not_told_by_an_error(
    clean_room: CleanRoom, expression: str
) -> None:
    values = ", ".join(
        f"{one}({expression}) AS {one}" for one in ("SUM", "AVG", "COUNT", "STDDEV", "VAR_POP")
    )
    clean_room.run(f"{AGG} city, {values} FROM {V} GROUP BY 1", "merchant")
    where = f"WHERE {expression} > 0"
    clean_room.run(
        f"{AGG} {expression} AS k, COUNT(*) AS x FROM {V} {where} GROUP BY k", "merchant"
    )


def test_made_up_units_do_not_count(clean_room: CleanRoom) -> None:
    """A join with many own rows multiplies rows, not units."""
    sql = f"""{AGG} p.account_tier, COUNT(DISTINCT q.id) AS n, COUNT(*) AS rows_ FROM {V}
              JOIN (SELECT u.id, 'city ' || CAST(MOD(u.id, 3) AS STRING) AS city
                    FROM `{M}.users` u) AS q ON q.city = p.city GROUP BY 1"""
    got = clean_room.run(sql, "merchant")
    assert sorted(got["account_tier"]) == ["Free", "Premium"]
    assert got.filter(pl.col("rows_") > 10_000).height == 2


def test_comments_do_not_instruct_the_engine(clean_room: CleanRoom) -> None:
    sql = f"{AGG} account_tier, COUNT(*) AS n FROM {V} GROUP BY account_tier"
    noted = sql.replace("account_tier,", "account_tier /* sqlglot.meta case_sensitive */,")
    assert (
        clean_room.run(noted, "merchant")
        .sort("n")
        .equals(clean_room.run(sql, "merchant").sort("n"))
    )


def test_what_keeps_to_one_side_is_no_join(clean_room: CleanRoom) -> None:
    """Conditions on one relation each, and arithmetic on aggregates, are no joins."""
    sql = f"""{AGG} p.city, u.gender, SUM(p.score) / COUNT(DISTINCT u.id) AS a,
                SUM(IF(u.age > 30 OR p.score < 40, p.score, 0)) AS b,
                COUNTIF(u.gender = 'F' AND NOT p.is_verified_user) AS c
              FROM {JOINED} WHERE u.age < 60 AND (p.score < 90 OR u.id > 5)
              GROUP BY 1, 2 HAVING SUM(p.score) > COUNT(DISTINCT u.id) ORDER BY a / COUNT(u.age)"""
    assert clean_room.run(sql, "merchant").height > 0
