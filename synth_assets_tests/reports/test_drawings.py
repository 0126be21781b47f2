"""Distributions, overlap matrices and the integrity diagram."""

from __future__ import annotations

from dataclasses import replace

import pytest

from synth_assets.core.check_result import CheckResult
from synth_assets.quality.proportions import Proportion, shares_result
from synth_assets.reports import distributions as drawn
from synth_assets.reports.diagram import diagram
from synth_assets.reports.gate import Reference, TableOutcome
from synth_assets_tests.reports.examples import DAYS, Page, check, domain, page, report, results


def test_shares_are_beside_their_declared_targets() -> None:
    result = shares_result({"red": Proportion(60, 100, 0.5), "blue": Proportion(40, 100, 0.5)})
    [found] = drawn.distributions([check("shares", outcomes=[result]), check("other")])
    assert [(b.name, b.measured, b.declared) for b in found.bars] == [
        ("red", 0.6, 0.5), ("blue", 0.4, 0.5),
    ]  # fmt: skip
    assert found.bars[0].position == 100
    assert found.bars[1].target == pytest.approx(100 * 0.5 / 0.6, abs=0.01)
    text = " ".join(" ".join(Page(page(report(found.check))).texts).split())
    assert "red 60% / 50%" in text


def test_partitions_are_averaged_and_the_largest_values_shown() -> None:
    numbers = {f"share.v{n}": n / 100 for n in range(20)} | {
        f"declared.v{n}": n / 100 for n in range(20)
    }
    doubled = {name: 2 * value for name, value in numbers.items()}
    both = [CheckResult(key, True, 0.0, "", n) for key, n in (("a", numbers), ("b", doubled))]
    [found] = drawn.distributions([check("shares", outcomes=both)])
    assert found.bars[0].name == "v19"
    assert found.bars[0].measured == pytest.approx(0.285)
    assert (len(found.bars), found.further) == (drawn.SHOWN, 20 - drawn.SHOWN)


def test_common_members_are_a_matrix() -> None:
    numbers = {"overlap.crm.crm": 10.0, "overlap.crm.web": 4.0, "overlap.web.web": 8.0}
    counted = check("overlaps", outcomes=[CheckResult(None, True, 0.0, "", numbers)])
    [matrix] = drawn.matrices([counted, check("other")])
    assert (matrix.names, matrix.counts) == (["crm", "web"], [[10, 4], [4, 8]])
    assert (matrix.share(0, 1), matrix.share(1, 0)) == (0.4, 0.5)
    text = " ".join("".join(Page(page(report(counted))).texts).split())
    assert "Overlap" in text
    assert "40%" in text


def tables() -> list[TableOutcome]:
    parent = TableOutcome("shop/users", "", {}, [])
    orphans = check("fk_user", outcomes=results(DAYS[0], DAYS[1], keys=DAYS[:5]))
    child = TableOutcome(
        "shop/orders",
        "",
        {},
        [orphans],
        references=[Reference("user", "shop/users", "id", "fk_user")],
    )
    grand = replace(
        child, table="shop/payments", checks=[],
        references=[
            Reference("order", "shop/orders", "id", "fk_order"),
            Reference("user", "shop/users", "id", "fk_user"),
            Reference("card", "shop/elsewhere", "id", "fk_card"),
        ],
    )  # fmt: skip
    return [grand, parent, child, TableOutcome("shop/alone", "", {}, [])]


def test_arrows_have_the_number_of_orphans() -> None:
    found = diagram(tables())
    x = {box.label: box.x for box in found.boxes}
    assert x["users"] < x["orders"] < x["payments"]
    assert "alone" not in x
    arrows = {(a.child, a.reference.parent): (a.orphans, a.status) for a in found.arrows}
    assert arrows == {
        ("shop/orders", "shop/users"): (6, "failed"),
        ("shop/payments", "shop/orders"): (None, "missing"),
        ("shop/payments", "shop/users"): (None, "missing"),
    }
    shown = page(replace(report(), domains=[domain(*tables())]))
    assert "shop/orders.user refers to shop/users.id: 6 orphans" in shown
    assert len({(box.x, box.y) for box in found.boxes}) == 3


def test_without_foreign_keys_there_is_no_diagram() -> None:
    assert diagram([]).arrows == []
    assert "Integrity" not in page(report(check("sound")))
