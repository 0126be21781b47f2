"""dagster-dbt without dbt: the definitions are those that it makes with dbt, and dbt stays away."""

from __future__ import annotations

import subprocess
import sys

import pytest

from synth_assets.orchestration.settings import Settings
from synth_assets.orchestration.shipped import PROJECT
from synth_assets_tests.dbt.parsed_project import give_parsed_project

COMPARED = """
from dagster_dbt import dbt_assets  # before anything of ours: with dbt
from dagster_dbt.compat import DBT_PYTHON_VERSION
from synth_assets.domains import load_domains
from synth_assets.orchestration import dbt
from synth_assets.orchestration.settings import Settings

assert DBT_PYTHON_VERSION is not None
settings = Settings.from_environment()
project = dbt.dbt_project(settings, "duckdb")
manifest = dbt.manifest_of(project)
for domain in load_domains():
    for tag in (dbt.DAILY, dbt.WHOLE):
        models, tests = dbt._specs(domain, project, manifest, tag)
        if not models:
            continue
        select = f"path:models/{domain.name},tag:{tag}"
        options = {"dagster_dbt_translator": dbt.Translator(dbt.SEVERAL_SOURCES)}

        @dbt_assets(manifest=manifest, project=project, select=select, **options)
        def theirs(context):
            yield

        def described(spec):
            facts = {k: v for k, v in spec.metadata.items() if "translator" not in k}
            return spec.key, sorted(d.asset_key for d in spec.deps), spec.group_name, spec.tags, \\
                spec.description, repr(facts)

        ours = sorted(map(described, models))
        assert ours == sorted(map(described, theirs.specs)), select
        keys = {(t.key, t.description, t.blocking) for t in tests}
        assert keys == {(t.key, t.description, t.blocking) for t in theirs.check_specs}, select
        print(select, len(models), len(tests))
"""
ALONE = """
import sys
import synth_assets.orchestration.dbt
assert not [m for m in sys.modules if m.split(".")[0] in ("dbt", "dbt_common")]
import dbt.version  # imported as usual afterwards
print(dbt.version.__version__)
"""


@pytest.mark.parametrize(("program", "lines"), [(COMPARED, 7), (ALONE, 1)], ids=["same", "alone"])
def test_dagster_dbt_without_dbt(program: str, lines: int, settings: Settings) -> None:
    give_parsed_project(settings.home)
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == lines, done.stdout
