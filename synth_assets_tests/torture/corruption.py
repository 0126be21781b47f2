"""A file of each table damaged: the gate names it, and its partition alone is made again."""

from __future__ import annotations

import hashlib
import json
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

from synth_assets.core.model import Domain, Table
from synth_assets.core.partitioning import Daily
from synth_assets.domains import load_domains
from synth_assets.orchestration.partitions import keys_among
from synth_assets.stores import parquet_digest
from synth_assets.stores.parquet_writing import FILE
from synth_assets_tests.environment import only
from synth_assets_tests.torture.commands import Home, failures_of, run_here
from synth_assets_tests.torture.trials import Budget, Trial

# Days of daily tables.
DAYS = 2
# How many bytes at the end of a file are lost, or in its middle replaced.
FEW = 64
# The digest's name in a footer, with what is between it and its value.
NAME = parquet_digest.KEY.encode() + parquet_digest.BETWEEN


def corruption(budget: Budget) -> Iterator[Trial]:
    """All tables of small samples, one domain after the other."""
    with tempfile.TemporaryDirectory(prefix="synth-torture-", dir="/tmp") as root:
        Path(root).chmod(0o755)
        home = Home(Path(root) / "home")
        with only(SYNTH_HOME=home.folder):
            domains = load_domains()
        for domain in domains:
            trial = Trial("a damaged file found and repaired", domain.name)
            made = run_here(home, "materialize", domain.name, *_sample(domain))
            if found := failures_of(made, {0, 1}):
                trial.hold(found)
                yield trial
                continue
            for chance in budget.rounds(trial, len(domains)):
                found = _damaged_tables(home, domain, chance)
                for problem in found:
                    trial.hold(problem)
            yield trial


def _sample(domain: Domain) -> list[str]:
    """The words that make a small sample of a domain."""
    words = [w for n, v in domain.sample.items() for w in ("--set", f"{n}={json.dumps(v)}")]
    keys = keys_among(domain.tables, None)
    if any(isinstance(table.partitioning, Daily) for table in domain.tables):
        words += ["--partitions", f"{keys[0]}..{keys[DAYS - 1]}"]
    return words


def _damaged_tables(home: Home, domain: Domain, chance: random.Random) -> list[str | None]:
    """What went wrong with each table of a domain, of which one file each is damaged."""
    files = {table.path: _files(home, table) for table in domain.tables}
    tables = {table.path: table for table in domain.tables}
    damaged = {path: chance.choice(of) for path, of in files.items() if of}
    before = {file: _state(file) for of in files.values() for file in of}
    how = {path: _damage(file, chance) for path, file in damaged.items()}
    judged = run_here(home, "gate", domain.name, "--json")
    if found := failures_of(judged, {1}):
        return [f"the gate: {found}"]
    named = _failed(judged.out)
    problems: dict[str, str | None] = dict.fromkeys(damaged)
    for path, file in damaged.items():
        key = _key(file)
        # The gate of this table alone: other damaged tables do not make it fail.
        if found := failures_of(run_here(home, "gate", path), {1}):
            problems[path] = f"the gate of {path} ({how[path]}): {found}"
        if not {(path, key), (path, None)} & named:
            problems[path] = f"the gate does not name {path} {key} ({how[path]})"
        again = run_here(home, "materialize", path, *_one(tables[path], key))
        if found := failures_of(again, {0, 1}):
            problems[path] = f"{path} {key}: {found}"
    for path, of in files.items():
        for file in of:
            after, was = _state(file), before[file]
            if after[0] != was[0]:
                problems[path] = f"{path}: {_key(file)} is not as it was"
            elif damaged.get(path) != file and after != was:
                problems[path] = f"{path}: {_key(file)} was made again, without need"
    return list(problems.values())


def _files(home: Home, table: Table) -> list[Path]:
    return sorted((home.folder / "lake" / table.domain / table.name).glob(f"*/{FILE}"))


def _key(file: Path) -> str:
    return file.parent.name.partition("=")[2]


def _one(table: Table, key: str) -> list[str]:
    return ["--partitions", key] if len(table.partitioning.keys()) > 1 else []


def _state(file: Path) -> tuple[str, int]:
    return hashlib.sha256(file.read_bytes()).hexdigest(), file.stat().st_mtime_ns


def _damage(file: Path, chance: random.Random) -> str:
    """Damages a file; how."""
    content = bytearray(file.read_bytes())
    how = chance.choice(["cut", "zeros", "empty", "bit"])
    if how == "cut":
        content = content[:-FEW]
    elif how == "bit":
        content = flipped(content, chance)
    elif how == "zeros":
        # The pages of the first column begin behind four bytes of magic.
        content[4 : len(content) // 2] = bytes(len(content) // 2 - 4)
    else:
        content.clear()
    file.write_bytes(content)
    return how


def flipped(content: bytes, chance: random.Random) -> bytearray:
    """The bytes of a Parquet file with one bit flipped, anywhere but in the digest's name."""
    name = content.rfind(NAME)
    # The two bytes before the name are its type and length.
    places = [i for i in range(len(content)) if not name - 2 <= i < name + len(NAME)]
    changed = bytearray(content)
    changed[chance.choice(places)] ^= 1 << chance.randrange(8)
    return changed


def _failed(text: str) -> set[tuple[str, str | None]]:
    """Tables and partitions that a gate report names as failed."""
    found = set()
    for domain in json.loads(text)["domains"]:
        for table in domain["tables"]:
            for check in table["checks"]:
                if check["status"] == "failed":
                    wrong = [r["partition"] for r in check["results"] if not r["passed"]]
                    found |= {(table["table"], partition) for partition in wrong}
    return found


PART = (corruption,)
