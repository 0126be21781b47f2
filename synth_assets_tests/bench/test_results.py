"""Rows, goals, the kept file and the page that is made from it."""

import json
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from synth_assets_tests.bench import __main__ as bench
from synth_assets_tests.bench import comparison, growth, page, plots, results
from synth_assets_tests.bench.peers.catalogue import OURS, PEERS
from synth_assets_tests.bench.peers.environments import PINS, pins
from synth_assets_tests.bench.peers.side_by_side import compared, counted
from synth_assets_tests.bench.rows import Goal, Row, Scale

ROW = Row("a run", 2.0, 1.0, 300, ratio=1.9, against="a peer", goal=Goal("ratio", 1.8))


@pytest.mark.parametrize(
    ("goal", "met"),
    [
        (Goal("ratio", 1.8), False),
        (Goal("ratio", 1.9), True),
        (Goal("ratio", 1.8, least=True), True),
        (Goal("wall_seconds", 0.5), False),
        (Goal("value", 1), None),
    ],
)
def test_a_goal_is_met_or_not_or_cannot_be_judged(goal: Goal, met: bool | None) -> None:
    assert goal.met(ROW) is met


def test_a_part_replaces_its_own_results_of_its_scale(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    results.keep(path, "jaffle", Scale.full, [ROW])
    results.keep(path, "stores", Scale.full, [ROW])
    results.keep(path, "stores", Scale.quick, [ROW])
    results.keep(path, "stores", Scale.full, [Row("another", value=0.123456)])
    found = results.latest(path)
    assert [row["name"] for row in found["jaffle"]["rows"]] == ["a run"]
    assert found["stores"]["rows"] == [{"name": "another", "value": 0.1235}]
    assert set(found["stores"]["machine"]) >= {"cpu", "cores", "memory_gib", "python", "versions"}
    assert results.read(path)["quick"]["stores"]["rows"][0]["met"] is False


def test_a_measurement_that_fails_is_a_row_and_the_others_go_on() -> None:
    def broken(scale: Scale) -> Iterator[Row]:
        """What breaks."""
        yield ROW
        raise ValueError("no peer")

    def works(scale: Scale) -> Iterator[Row]:
        yield ROW

    rows = list(bench.measured((broken, works), Scale.quick))
    assert rows == [ROW, Row("What breaks", note="failed: no peer"), ROW]


def test_an_unknown_part_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["bench", "jafle"])
    with pytest.raises(SystemExit, match="2"):
        bench.main()
    assert "no part jafle: known are jaffle, commands" in capsys.readouterr().err


def test_the_page_and_its_plots_are_those_of_the_kept_results() -> None:
    """After a change: ``python -m synth_assets_tests.bench.page``."""
    parts = results.latest(results.KEPT)
    assert page.PAGE.read_text() == page.page(parts)
    for name in ("goals", "speed", "time", "memory"):
        assert (results.KEPT.parent / f"{name}.svg").exists()


def test_plots_show_goals_and_generators(tmp_path: Path) -> None:
    details = {"rows": 10, "cells_per_cpu_second": 5.0}
    faker = Row("faker, 10 rows", 1.0, peak_mib=9.0, details=details)
    parts = {"jaffle": {"rows": [ROW.as_json()]}, "peers": {"rows": [faker.as_json()]}}
    assert plots._judged(parts) == [("a run", pytest.approx(1.9 / 1.8), False)]
    assert plots._series(parts) == {"faker": [(10, faker.as_json() | details)]}
    plots.write({"jaffle": parts["jaffle"]}, tmp_path)
    assert "a run" in (tmp_path / "goals.svg").read_text()


def test_growth_leaves_the_start_out() -> None:
    rows = [
        {
            "name": f"faker, {n} rows",
            "cpu_seconds": 1 + n / 1e5,
            "details": {"rows": n, "cells": 2 * n},
        }
        for n in (10, 1_000, 100_000)
    ]
    found = growth.growths([*rows, {"name": "sdv, 10 rows", "note": "stopped"}])
    assert found == {"faker": growth.Growth("faker", pytest.approx(10), pytest.approx(5))}


def test_ratios_that_changed_are_named() -> None:
    kept = {"stores": {"rows": [ROW.as_json() | {"ratio": 1.0}, {"name": "b", "ratio": 2.0}]}}
    now = {"stores": {"rows": [ROW.as_json() | {"ratio": 1.3}, {"name": "b", "ratio": 2.3}]}}
    assert comparison.changes(kept, now) == ["stores: a run: ratio 1.30, kept 1.00 (+30%)"]


def test_every_peer_is_pinned_and_has_a_program(tmp_path: Path) -> None:
    requirements = pins(PINS.read_text())
    assert set(requirements) == {peer.name for peer in PEERS if peer.installed}
    assert all(f"{name}==" in lines for name, lines in requirements.items())
    for peer in (OURS, *PEERS):
        program = peer.command(10, str(tmp_path))[1]
        assert program == "parquet" or Path(program).exists(), peer.name


def test_what_a_peer_made_is_counted_and_compared(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('x,y\n1,"two\nlines"\n2,z\n')
    assert counted(tmp_path) == {"rows": 2, "cells": 4}
    row = Row("faker, 2 rows", details={"cells_per_cpu_second": 2.0})
    assert compared(row, 5.0).ratio == 2.5
    assert compared(row, None).ratio is None


@pytest.mark.slow
def test_ratios_are_near_the_kept_ones() -> None:
    """Warns only: a busy machine may move a ratio; a change of code that does is worth a look."""
    kept = results.read(results.KEPT)[Scale.quick.name]
    assert set(kept) >= {"jaffle", "stores"}
    now = {
        name: {"rows": [row.as_json() for row in bench.measured(bench.PARTS[name], Scale.quick)]}
        for name in ("jaffle", "stores")
    }
    failed = [
        row for part in now.values() for row in part["rows"] if "failed" in row.get("note", "")
    ]
    assert not failed, json.dumps(failed)
    assert comparison.ratios(now).keys() == comparison.ratios({n: kept[n] for n in now}).keys()
    for change in comparison.changes(kept, now):
        warnings.warn(change, stacklevel=1)
