"""Every page without a browser: on an empty home, in read-only mode, and with planted markup."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from synth_assets.core.model import Domain
from synth_assets.domains import load_domains
from synth_assets.domains.identity_graph.generation_config import GenerationConfig
from synth_assets.domains.outside import VARIABLE
from synth_assets.orchestration.shipped import PROJECT
from synth_assets.studio import runs, safe, states
from synth_assets.studio.context import Studio
from synth_assets.studio.dagster_api import Dagster
from synth_assets.studio.forms import drafts, values
from synth_assets.studio.forms.form import Form
from synth_assets.studio.inventory import Inventory, Stored
from synth_assets.studio.pages import ALL, scenario, wizard
from synth_assets.studio.pages.home import inventory
from synth_assets.studio.server import SCRIPT
from synth_assets_tests.frames.worlds import store_all
from synth_assets_tests.orchestration.conftest import tiny
from synth_assets_tests.studio.conftest import SECONDS, Change, page, texts
from synth_assets_tests.studio.odd import odd
from synth_assets_tests.studio.test_safe import PLANTED

DASHBOARDS = ("jaffle", "journey", "identity_resolution", "identity_graph", "clean_room", "console")


@pytest.mark.parametrize("module", DASHBOARDS)
def test_a_dashboard_without_data_says_what_to_press(studio: Studio, module: str) -> None:
    test = page(module)
    assert not test.exception
    assert any("Make a small sample" in info.value for info in test.info), texts(test)


def test_home_says_that_nothing_is_stored_and_offers_samples(studio: Studio) -> None:
    test = AppTest.from_file(str(SCRIPT), default_timeout=SECONDS).run()
    assert not test.exception
    assert [t.value for t in test.title] == ["Synthetic worlds"]
    inventory(str(studio.home))._counting.join()
    assert "nothing stored yet" in texts(test.run())
    assert sum(b.label == "Make a small sample" for b in test.button) == len(studio.domains())
    assert "Dagster does not run" in texts(test)


@pytest.mark.parametrize(
    ("stored", "asks"),
    [
        (None, True),
        (Stored(2, 4, 24, 1_000), True),
        (Stored(problem="no answer"), True),
        (Stored(), False),
    ],
)
def test_a_sample_replaces_nothing_that_is_stored_without_asking(
    change: Change, monkeypatch: pytest.MonkeyPatch, stored: Stored | None, asks: bool
) -> None:
    launched: list[Any] = []
    monkeypatch.setattr(Inventory, "stored", lambda self, domain: stored)
    monkeypatch.setattr(Dagster, "launch", lambda self, job, config, tags: launched.append(tags))
    change(domains=lambda: [tiny()])
    test = page("home")
    assert [b.label for b in test.button] == [
        "Replace by a sample" if asks else "Make a small sample"
    ]
    test.button[0].click().run()
    assert not test.exception
    # Nothing is dropped without asking, whatever has been stored since the page was drawn.
    assert [tags.get(runs.RECREATE) for tags in launched] == ["true" if asks else None]


def test_other_settings_replace_nothing_unless_the_toggle_is_on(
    change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    launched: list[Any] = []
    monkeypatch.setattr(
        Dagster, "launch", lambda self, job, config, tags: launched.append(tags) or "1234567890"
    )
    monkeypatch.setattr(states, "dagster", lambda studio: True)
    domain = tiny()
    studio = change(domains=lambda: [domain])
    store_all(domain, tuple(t.name for t in domain.tables), studio.open_stores())
    test = page("scenario")
    next(f for f in test.number_input if f.label == "Seed").set_value(7).run()
    for label in ("Start the run", scenario.REPLACE, "Start the run"):
        found = next(e for e in (*test.button, *test.toggle) if e.label == label)
        (found.click() if label == "Start the run" else found.set_value(True)).run()
        assert not test.exception
        if not launched and label == "Start the run":
            assert all(table.name in test.error[0].value for table in domain.tables)
            assert scenario.REPLACE in test.error[0].value
    assert [tags.get(runs.RECREATE) for tags in launched] == ["true"]
    # Home does not rely on what was counted a while ago.
    monkeypatch.setattr(Inventory, "stored", lambda self, domain: Stored())
    other = replace(domain, sample={"seed": 8})
    change(domains=lambda: [other])
    home = page("home")
    home.button[0].click().run()
    assert "other settings have made what is stored" in home.error[0].value
    assert len(launched) == 1
    # The same settings may be run again at any time.
    change(domains=lambda: [domain])
    next(b for b in page("scenario").button if b.label == "Start the run").click().run()
    assert len(launched) == 2


def test_no_command_is_offered_with_values_that_the_form_refuses(change: Change) -> None:
    change(domains=lambda: [tiny()])
    test = page("scenario")
    for seed, offered in ((7, True), (-1, False), (8, True)):
        next(f for f in test.number_input if f.label == "Seed").set_value(seed).run()
        assert not test.exception
        assert any(f"seed={seed}" in code.value for code in test.code) == offered
        assert bool(test.code) == offered


class OwnWebserver:
    """A webserver of the studio that never answers."""

    def __init__(self, *states: str) -> None:
        self.states, self.log = list(states), Path("<b>dagster.log</b>")

    def start(self) -> None:
        self.states = ["alive"]

    def state(self) -> str:
        return self.states[0]


def test_jobs_offer_to_start_dagster_and_say_that_it_starts(change: Change) -> None:
    webserver = OwnWebserver("not started")
    change(webserver=webserver)
    test = page("jobs")
    assert "Dagster does not run" in test.warning[0].value
    test.button[0].click().run()
    assert not test.exception
    assert not test.warning
    assert "Dagster starts" in test.info[0].value
    assert "Dagster starts" in texts(page("home"))


def test_home_offers_to_start_dagster_and_starts_it(
    change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Inventory, "stored", lambda self, domain: Stored())
    webserver = OwnWebserver("not started")
    change(webserver=webserver, domains=lambda: [tiny()])
    test = page("home")
    assert not test.warning
    test.button[0].click().run()
    assert len(test.warning) == 1
    assert not test.error, "one box for one fact"
    next(b for b in test.button if b.label == "Start Dagster").click().run()
    assert webserver.state() == "alive"
    assert "Dagster starts" in test.info[0].value


def test_a_dagster_that_has_ended_is_explained(change: Change) -> None:
    change(webserver=OwnWebserver("ended"))
    test = page("jobs")
    assert r"\<b\>dagster\.log" in test.error[0].value
    assert test.button[0].label == "Start Dagster"


def test_in_read_only_mode_nothing_can_be_started(change: Change) -> None:
    change(read_only=True, webserver=OwnWebserver("not started"))
    home, jobs = page("home"), page("jobs")
    samples = [b for b in home.button if "sample" in b.label]
    assert samples
    assert all(b.disabled for b in samples)
    assert not jobs.button
    form = page("scenario")
    assert not [b for b in form.button if b.label == "Start the run" and not b.disabled]


def test_gates_without_reports_say_so(studio: Studio) -> None:
    test = page("gates")
    assert not test.exception
    assert "No gate has published a report yet" in test.info[0].value


def test_a_new_domain_has_its_form_for_free(change: Change) -> None:
    change(domains=lambda: [tiny()])
    test = page("scenario")
    assert not test.exception
    assert {n.label for n in test.number_input} == {"Seed", "Spoil"}
    test.number_input[0].set_value(7).run()
    assert "--set seed=7" in test.code[0].value


def test_a_domain_outside_the_package_has_its_form_for_free(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(PROJECT / "examples" / "greenhouses"))
    test = page("scenario", domain="greenhouses")
    assert not test.exception
    assert "Sensors in greenhouses" in texts(test)
    assert {n.label for n in test.number_input} >= {"Seed", "Sites rows"}
    next(n for n in test.number_input if n.label == "Seed").set_value(7).run()
    assert "synth materialize greenhouses" in test.code[0].value
    assert "--set seed=7" in test.code[0].value
    assert "Greenhouses" in [one.value for one in page("home").subheader]


@pytest.mark.slow
@pytest.mark.parametrize("domain", load_domains(), ids=lambda domain: domain.name)
def test_drawing_a_form_changes_none_of_its_values(studio: Studio, domain: Domain) -> None:
    test = page("scenario", domain=domain.name)
    assert not test.exception
    assert not test.error
    form = test.session_state["forms"][f"scenario {domain.name}"]
    assert form.values == form.initial


@pytest.mark.slow
def test_a_form_survives_a_reload(change: Change) -> None:
    studio = change(domains=lambda: [tiny()])
    test = page("scenario")
    test.number_input[0].set_value(7).run()
    draft = test.query_params["draft"]
    assert list((studio.home / "studio" / "drafts").iterdir())
    again = page("scenario", draft=draft)
    assert again.number_input[0].value == 7
    assert page("scenario").number_input[0].value != 7


def half_filled(studio: Studio, oldest: int) -> str:
    """The number of a draft of the wizard, in its second step."""
    chosen = values.defaults(GenerationConfig)
    chosen["demographics_config"]["age_range"]["max"] = oldest
    return kept(studio, chosen, 1)


def kept(studio: Studio, chosen: dict[str, Any], step: int) -> str:
    """The number of a draft of the wizard."""
    number = drafts.new_number()
    drafts.write(studio.home, wizard.NAME, number, {"values": chosen, "step": step})
    return number


def test_a_half_filled_wizard_shows_errors_beside_their_fields(studio: Studio) -> None:
    test = page("wizard", draft=half_filled(studio, 10))
    assert not test.exception
    assert test.header[0].value == "Demographics"
    assert any("must be below max" in error.value for error in test.error)
    assert next(b for b in test.button if b.label == "Next").disabled
    assert test.button(key="step 2").disabled
    assert not test.button(key="step 0").disabled
    assert not test.metric, "a configuration with errors has no estimates"


@pytest.mark.slow
def test_the_wizard_goes_on_when_its_errors_are_gone(studio: Studio) -> None:
    test = page("wizard", draft=half_filled(studio, 10))
    next(n for n in test.number_input if n.label == "Age range: highest").set_value(90).run()
    assert not test.error
    metrics = {m.label: m.value for m in test.metric}
    assert metrics["Households"] == "10.0k"
    for title in ("Engagement", "Audience", "Campaigns", "Responses", "Review"):
        next(b for b in test.button if b.label == "Next").click().run()
        assert not test.exception
        assert test.header[0].value == title
    assert "max: 90" in test.code[0].value
    assert not [b for b in test.button if b.label == "Next"]
    assert [b.label for b in test.button if b.label == "Back"] == ["Back"]
    next(n for n in test.number_input if n.label == "Shards").set_value(3).run()
    assert any("SYNTH\\_IDENTITY" in info.value for info in test.info)


def test_a_form_has_fields_of_every_type(change: Change) -> None:
    change(domains=lambda: [odd()])
    test = page("scenario")
    assert not test.exception
    assert not test.error
    form = test.session_state["forms"]["scenario tiny"]
    assert form.values == form.initial, "drawing changes no value"
    for toggle in test.toggle:
        if toggle.label.startswith(("Set ", "Part")):
            toggle.set_value(True)
    test.run()
    assert not test.exception
    assert form.values["part"] == {"rate": 0.0, "label": "a", "days": [], "note": "x"}
    assert form.values["speed"] == "slow"
    next(s for s in test.selectbox if s.label == "Level").set_value(3)
    next(t for t in test.text_input if t.label == "Rates").set_value("{a: 1, b: 2.5}")
    next(t for t in test.text_input if t.label == "Big").set_value(str(2**62 + 1))
    next(t for t in test.text_input if t.label == "Moment").set_value("2026-01-02T03:04:05")
    test.run()
    assert not test.error
    assert (form.values["level"], form.values["big"]) == (3, 2**62 + 1)
    assert form.values["rates"] == {"a": 1, "b": 2.5}
    assert f"big={2**62 + 1}" in test.code[0].value
    next(t for t in test.text_input if t.label == "Rates").set_value("{a: x}").run()
    assert ["valid number" in error.value for error in test.error] == [True]


def test_a_seed_beyond_a_browsers_numbers_has_all_its_digits(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNTH_JAFFLE_SEED", "9007199254740993")
    test = page("scenario", domain="jaffle")
    assert not test.exception
    assert next(t for t in test.text_input if t.label == "Seed").value == "9007199254740993"


def test_settings_that_are_wrong_are_explained_on_the_page(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNTH_SEED", "-1")
    test = AppTest.from_file(str(SCRIPT), default_timeout=SECONDS).run()
    assert not test.exception
    assert "SYNTH\\_SEED" in test.error[0].value


def test_a_number_out_of_its_range_stops_the_wizard_and_is_explained(studio: Studio) -> None:
    test = page("wizard")
    field = next(n for n in test.number_input if n.label == "Number of households")
    field.set_value(5).run()
    assert [error.value for error in test.error] == [
        safe.markdown("It must be greater than or equal to 1000")
    ]
    assert next(n for n in test.number_input if n.label == "Number of households").value == 5
    assert next(b for b in test.button if b.label == "Next").disabled
    field.set_value(2_000).run()
    assert not test.error
    assert not next(b for b in test.button if b.label == "Next").disabled


@pytest.mark.parametrize(
    ("content", "chosen"),
    [
        ("start_date: 2025-01-01 00:00:00", {"start_date": "2025-01-01"}),
        ("start_date: 1735689600", {"start_date": "2025-01-01"}),
        ("start_date: '1735689600'", {"start_date": "2025-01-01"}),
        ("seed: '7'", {"seed": 7}),
        ("household_config: {num_households: '20000'}", {}),
    ],
)
def test_a_file_is_taken_as_the_model_has_it(
    studio: Studio, content: str, chosen: dict[str, Any]
) -> None:
    initial = wizard.initial(studio.domain("identity_graph"))
    form = Form("x", GenerationConfig, [], initial, {"version": 0}, "")
    uploaded = values.from_yaml(content.encode())
    assert not values.problems(GenerationConfig, values.merged(GenerationConfig, initial, uploaded))
    form.replace(uploaded)
    expected = initial | chosen
    if not chosen:
        household = {**initial["household_config"], "num_households": 20_000}
        expected |= {"household_config": household}
    assert form.values == GenerationConfig.of(expected).model_dump(mode="json")
    test = page("wizard", draft=kept(studio, form.values, 6))
    assert not test.exception
    assert test.header[0].value == "Review"


def test_a_draft_with_values_that_no_widget_can_show_is_shown_as_text(studio: Studio) -> None:
    chosen = values.defaults(GenerationConfig)
    chosen["start_date"] = "x"
    chosen["seed"] = 1e300
    test = page("wizard", draft=kept(studio, chosen, 6))
    assert not test.exception
    fields = {t.label: t.value for t in test.text_input}
    assert fields["Start date"] == '"x"'
    assert test.error


def test_a_form_in_which_nothing_was_entered_has_no_draft(studio: Studio) -> None:
    test = page("wizard")
    assert "draft" not in test.query_params
    assert not (studio.home / "studio").exists()
    page("scenario")
    assert not (studio.home / "studio").exists()
    next(n for n in test.number_input if n.label == "Number of households").set_value(2000).run()
    assert len(list((studio.home / "studio" / "drafts").iterdir())) == 1


def test_two_tabs_on_one_draft_do_not_overwrite_each_other(change: Change) -> None:
    studio = change(domains=lambda: [tiny()])
    first = page("scenario")
    first.number_input[0].set_value(7).run()
    number = first.query_params["draft"]
    second = page("scenario", draft=number)
    second.number_input[0].set_value(8).run()
    assert second.query_params["draft"] == number
    first.number_input[0].set_value(9).run()
    assert any("in another tab" in warning.value for warning in first.warning)
    own = first.query_params["draft"]
    assert own != number
    kept_ = {n: drafts.read(studio.home, "scenario tiny", n) or {} for n in (number, own)}
    assert [kept_[n]["values"]["seed"] for n in (number, own)] == [8, 9]


def test_shares_come_back_with_the_one_that_was_moved(studio: Studio) -> None:
    test = page("wizard")
    form = test.session_state["forms"][wizard.NAME]
    before = dict(form.values["household_config"]["income_brackets"])
    name = next(iter(before))
    key = form.key(f"household_config.income_brackets.{name}")
    for percent in (100.0, 60.0, before[name] * 100):
        test.slider(key=key).set_value(percent).run()
        assert not test.exception
        now = form.values["household_config"]["income_brackets"]
        assert now[name] == pytest.approx(percent / 100)
        assert sum(now.values()) == pytest.approx(1)
    assert now == before


def test_locks_of_shares_have_names_and_survive_a_reload(studio: Studio) -> None:
    test = page("wizard")
    locks = [c for c in test.checkbox if c.label.startswith("Lock ")]
    assert len({c.label for c in locks}) == len(locks) > 1
    locks[0].check().run()
    again = page("wizard", draft=test.query_params["draft"])
    assert next(c for c in again.checkbox if c.label == locks[0].label).value
    assert sum(bool(c.value) for c in again.checkbox) == 1


def plant(warehouse: Path, planted: str) -> None:
    """Models of the jaffle shop in which every text is planted markup."""
    text = "'" + planted.replace("'", "''") + "'"
    with duckdb.connect(str(warehouse)) as file:
        file.execute("create schema jaffle_marts")
        file.execute(
            f"create table jaffle_marts.orders as select 'training' as dataset, i as order_id, "
            f"i % 7 as customer_id, {text} as status, 9.5 as amount, date '2026-01-01' + "
            "cast(i % 20 as integer) as day, day as order_date from range(100) t(i)"
        )
        file.execute(
            f"create table jaffle_marts.cpa_and_roas as select day, {text} as utm_source, "
            "'training' as dataset, 3.0 as total_spend, 1.0 as attribution_points, 9.0 as "
            "attribution_revenue from jaffle_marts.orders"
        )
        file.execute(
            f"create table jaffle_marts.attribution_touches as select day, {text} as utm_source, "
            "'training' as dataset, 3.0 as linear_revenue from jaffle_marts.orders"
        )


@pytest.mark.slow
def test_planted_markup_of_models_is_text(studio: Studio) -> None:
    planted = "<script>alert(1)</script> [x](javascript:alert(1)) **b**"
    plant(studio.warehouse, planted)
    folder = studio.gate_folder / "jaffle"
    folder.mkdir(parents=True)
    verdict = {
        "partition": planted,
        "passed": False,
        "measured": 1.0,
        "threshold": planted,
        "numbers": {"recall.x": 1.0, "planted": 1.0},
        "failing_rows": [{planted: planted}],
    }
    check = {"name": "anomalies_found", "doc": planted, "status": "failed", "blocking": True,
             "results": [verdict]}  # fmt: skip
    table = {"table": f"jaffle/{planted}", "doc": planted, "rows": {}, "checks": [check]}
    domain = {"name": "jaffle", "passed": False, "tables": [table],
              "checks": {"failed": 1, planted: 2}}  # fmt: skip
    report = {"created_at": "2026-01-01T00:00:00+00:00", "domains": [domain]}
    (folder / "report.json").write_text(json.dumps(report))
    (folder / "report.html").write_text(f"<!doctype html><p>{planted}")
    for module in ("jaffle", "gates", "home"):
        test = page(module)
        assert not test.exception, module
        for text in PLANTED[0], "](javascript", "**b**":
            assert text not in texts(test), module


def test_a_locked_warehouse_is_said_to_be_busy(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(path: str, read_only: bool) -> None:
        raise duckdb.IOException("IO Error: Could not set lock on file: Conflicting lock is held")

    studio.warehouse.write_bytes(b"")
    monkeypatch.setattr("synth_assets.studio.warehouse.PATIENCE", 0)
    monkeypatch.setattr("synth_assets.studio.warehouse.duckdb.connect", locked)
    test = page("jaffle")
    assert not test.exception
    assert "takes no readers meanwhile" in test.info[0].value


def test_every_page_has_a_path_of_its_own() -> None:
    assert len({one.path for one in ALL}) == len({one.title for one in ALL}) == len(ALL)
