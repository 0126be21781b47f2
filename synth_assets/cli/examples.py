"""Examples in the help of every command, which a test parses.

A command has at least one; subcommands are named as they are called.
"""

from __future__ import annotations

EXAMPLES: dict[str, tuple[str, ...]] = {
    "": (
        "synth demo",
        "synth list jaffle",
        "synth materialize jaffle --partitions 2026-01-01..2026-01-31 --dry-run",
    ),
    "list": (
        "synth list",
        "synth list jaffle 'identity_graph/*events'",
        "synth list --json",
    ),
    "describe": (
        "synth describe jaffle/raw_orders_training",
        "synth describe journey/events --rows 0",
        "synth describe jaffle/raw_orders_training --json",
    ),
    "materialize": (
        "synth materialize jaffle/raw_orders_training --partitions 2026-01-01",
        "synth materialize jaffle --partitions 2026-01-01..2026-01-31 --dbt",
        "synth materialize identity_graph --seed 7 --recreate",
        "synth materialize all --dry-run",
    ),
    "submit": (
        "synth submit identity_resolution",
        "synth submit jaffle --partitions 2026-01-01..2026-01-31 --dbt --wait",
    ),
    "service": (
        "synth service webserver --port 3000",
        "synth service daemon",
        "synth service worker --runs 2",
    ),
    "gate": (
        "synth gate jaffle",
        "synth gate jaffle/raw_orders_validation --partitions 2026-01-05",
        "synth gate jaffle --latest --output reports",
    ),
    "contract": ("synth contract jaffle",),
    "import": (
        "synth import schema.sql --to hospital --name hospital",
        "synth import env:BILLING_URL --schema public --profile",
        "synth import files --profile --rows 10000 --dry-run",
    ),
    "new": ("synth new domain shop", "synth new domain fleet --tables vans,trips:daily"),
    "new domain": (
        "synth new domain shop",
        "synth new domain fleet --tables vans,trips:daily --to worlds",
        "synth new domain shop --python",
    ),
    "copy": (
        "synth copy jaffle --from parquet --to duckdb",
        "synth copy identity_graph --from parquet --to delta:s3://bucket/lake",
    ),
    "purge": ("synth purge --dry-run", "synth purge --older-than 7"),
    "clean": (
        "synth clean jaffle --dry-run",
        "synth clean jaffle/raw_orders_training --partitions 2026-01-01..2026-01-31",
        "synth clean all --yes",
    ),
    "maintain": ("synth maintain jaffle", "synth maintain all --retain-hours 24"),
    "export": (
        "synth export jaffle --to files",
        "synth export 'jaffle/raw_*' --format parquet --partitions 2026-01-01..2026-01-31",
    ),
    "replay": (
        "synth replay jaffle/raw_orders_training --limit 10",
        "synth replay jaffle/raw_orders_training --rate 1000/s --to http --url http://localhost:8080",
        "synth replay jaffle/raw_orders_training --speed 60x --to postgres --position orders.json",
    ),
    "jaffle": (
        "synth jaffle --days-back 7",
        "synth jaffle --only training --export-csv files",
    ),
    "identity-resolution": (
        "synth identity-resolution --scale 100K --output-dir people",
        "synth identity-resolution --scale 50M --seed 7 --workers 4",
    ),
    "identity-graph": (
        "synth identity-graph --households 1000",
        "synth identity-graph --households 20000 --append",
    ),
    "score-resolution": (
        "synth score-resolution clusters.csv",
        "synth score-resolution clusters.parquet --record-column id --cluster-column person",
    ),
    "journey": ("synth journey --days 7", "synth journey --scale 1 --gap-rate 0.2 --no-dbt"),
    "demo": ("synth demo", "synth demo --days 14"),
    "ui": ("synth ui", "synth ui --port 3001"),
    "studio": ("synth studio", "synth studio --dagster", "synth studio --read-only --port 8502"),
    "psql": (
        "synth psql",
        "synth psql -- psql -c 'select count(*) from jaffle.raw_orders_training'",
        "synth psql -- python analysis.py",
    ),
    "clean-room": ("synth clean-room", "synth clean-room --set users=10000 --dbt"),
    "clean-room query": (
        "synth clean-room query question.sql --as merchant",
        "synth clean-room query - --unprotected",
    ),
    "clean-room example": ("synth clean-room example customer_segmentation",),
    "clean-room views": ("synth clean-room views",),
    "clean-room model": ("synth clean-room model",),
}
EXITS = "Exit codes: 0 well, 1 a gate failed, 2 wrong input, 3 a run failed, 130 interrupted."


def epilog(words: str) -> str | None:
    """What the help of a command ends with: its examples, and for ``synth`` the exit codes.

    Args:
        words: The command as it is called, without ``synth``; empty for ``synth`` itself.
    """
    lines = [f"  [cyan]{line}[/]" for line in EXAMPLES.get(words, ())]
    exits = () if words else ("", EXITS)
    return "\n".join(["Examples:", *lines, *exits]) if lines else None
