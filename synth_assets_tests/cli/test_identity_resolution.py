"""``synth identity-resolution``: its output folder, also after errors and interruptions."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from synth_assets.cli import command
from synth_assets.cli.identity_resolution import publish, run_in_thread
from synth_assets.core import batches
from synth_assets.core.errors import UserError
from synth_assets.domains.identity_resolution.publishing import files, output, report
from synth_assets.domains.identity_resolution.publishing.output import MANIFEST, REPORT, open_output
from synth_assets.domains.identity_resolution.scenario import IdentityScenario
from synth_assets_tests.shell import SYNTH

SCENARIO = IdentityScenario(seed=42, scale=20_000)
SOURCES = (
    "crm_customers", "ecom_transactions", "loyalty_members", "mobile_app_users",
    "pos_transactions", "survey_responses", "product_reviews",
)  # fmt: skip
SCRIPTS = ("source_table_config", "identifier_mapping_config", "test_exclusions")


def data(root: Path) -> dict[str, bytes]:
    """The contents of all files that must not differ between runs of one scenario."""
    folders = (root / "parquet", root / "metadata")
    found = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(root)): path.read_bytes() for path in found}


def unfinished(root: Path) -> list[Path]:
    return list(root.rglob(".*.tmp"))


@pytest.fixture(scope="module", autouse=True)
def _memory() -> Iterator[None]:
    """Fixes the reported peak memory, which tests of other files in this process have raised."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (files, report):
            patch.setattr(module, "peak_bytes", lambda: 200 * 2**20)
        yield


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished folder; tests must not change it."""
    root = tmp_path_factory.mktemp("made") / "output"
    publish(SCENARIO, root, 1, truth=True)
    return root


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "output"


def synth(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["synth", "identity-resolution", *words])
    with pytest.raises(SystemExit) as left:
        command()
    return int(left.value.code or 0)


def test_the_folder_has_the_documented_files(made: Path) -> None:
    tables = ("products", *SOURCES, "identity_truth", "identity_edits")
    expected = {f"parquet/{name}.parquet" for name in tables}
    expected |= {
        f"metadata/{folder}{name}.sql"
        for name in SCRIPTS
        for folder in ("", "snowflake/", "bigquery/")
    }
    assert {str(p.relative_to(made)) for p in made.rglob("*") if p.is_file()} == {
        *expected, "stats/generation_report.json", MANIFEST,
    }  # fmt: skip
    rows = {n: pl.scan_parquet(made / f"parquet/{n}.parquet").select(pl.len()) for n in SOURCES}
    assert sum(frame.collect().item() for frame in rows.values()) == SCENARIO.scale


def test_bytes_do_not_depend_on_workers(
    made: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "ROWS_IN_FLIGHT", 3_500)
    publish(SCENARIO, root, 3, truth=True)
    assert data(root) == data(made)


def test_no_truth_leaves_two_tables_out(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code = synth(monkeypatch, "--scale", "10K", "--no-truth", "--output-dir", str(root))
    assert code == 0
    names = {path.stem for path in (root / "parquet").iterdir()}
    assert names == {"products", *SOURCES}
    assert "unknown overlap percentages" in capsys.readouterr().out


def test_a_finished_folder_is_not_written_again(made: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in made.rglob("*.parquet")}
    report = (made / REPORT).read_bytes()
    publish(SCENARIO, made, 2, truth=True)
    assert {path: path.stat().st_mtime_ns for path in made.rglob("*.parquet")} == before
    assert (made / REPORT).read_bytes() == report


def test_missing_and_damaged_files_are_written_again(made: Path, root: Path) -> None:
    shutil.copytree(made, root)
    (root / "parquet/crm_customers.parquet").unlink()
    with (root / "parquet/products.parquet").open("ab") as file:
        file.write(b"more")
    before = (root / "parquet/loyalty_members.parquet").stat().st_mtime_ns
    publish(SCENARIO, root, 2, truth=True)
    assert data(root) == data(made)
    assert (root / "parquet/loyalty_members.parquet").stat().st_mtime_ns == before


# At which call of fsync the process is killed: every second call is for a manifest, the others are
# for tables.
DEATHS = {"in a table": 6, "in a manifest": 5}
DYING = """
import os, signal, sys
from pathlib import Path
from synth_assets.cli.identity_resolution import publish
from synth_assets.domains.identity_resolution.scenario import IdentityScenario

def dying(file):
    global calls
    calls -= 1
    if not calls:
        os.kill(os.getpid(), signal.SIGKILL)

calls, os.fsync = int(sys.argv[2]), dying
publish(IdentityScenario(seed=42, scale=20_000), Path(sys.argv[1]), 2, truth=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("calls", DEATHS.values(), ids=DEATHS)
def test_a_killed_run_continues_to_the_same_bytes(made: Path, root: Path, calls: int) -> None:
    words = [sys.executable, "-c", DYING, str(root), str(calls)]
    killed = subprocess.run(words, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    finished = {path.name for path in (root / "parquet").glob("[!.]*")}
    assert finished == {"products.parquet", "loyalty_members.parquet"}
    assert len(unfinished(root)) == 1
    publish(SCENARIO, root, 1, truth=True)
    assert data(root) == data(made)
    assert not unfinished(root)


def test_a_folder_of_a_run_killed_before_its_first_manifest_is_accepted(root: Path) -> None:
    root.mkdir()
    (root / f".{MANIFEST}.tmp").write_text("{")
    publish(SCENARIO, root, 1, truth=False)
    assert not unfinished(root)


def test_control_c_keeps_finished_tables(root: Path) -> None:
    words = [SYNTH, "identity-resolution", "--scale", "20M", "--output-dir", str(root)]
    running = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not (root / "parquet/.loyalty_members.parquet.tmp").exists():
        assert running.poll() is None, running.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    time.sleep(0.3)
    running.send_signal(signal.SIGINT)
    printed, errors = running.communicate(timeout=30)
    assert running.returncode == 130
    assert printed == ""
    lines = errors.splitlines()
    assert lines[-1].startswith("interrupted: finished tables are kept")
    assert len(lines) == 2, errors  # the other line reports the finished table
    assert [path.name for path in (root / "parquet").iterdir()] == ["products.parquet"]


def test_control_c_reaches_the_thread_that_writes() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)

    def write(interrupted: threading.Event) -> None:
        time.sleep(0.1)  # by now the main thread waits
        main_thread = threading.main_thread().ident
        assert main_thread is not None
        signal.pthread_kill(main_thread, signal.SIGINT)
        assert interrupted.wait(30)
        stopped.append(True)

    stopped: list[bool] = []
    with pytest.raises(KeyboardInterrupt):
        run_in_thread(write)
    assert stopped


BAD_INPUT = {
    "nothing": (["--scale", "0"], "it must be greater than or equal to 10000"),
    "less": (["--scale", "-5"], "'-5': it must be a whole number of records such as 10K"),
    "unit": (["--scale", "50Q"], "'50Q': it must be a whole number"),
    "huge": (["--scale", "1e20"], "'1e20': it must be a whole number"),
    "too many": (["--scale", "2B"], "it must be less than or equal to 1000000000"),
    "half": (["--scale", "10.5"], "'10.5': it must be a whole number"),
    "seed": (["--seed", "-1"], "it must be greater than or equal to 0"),
    "no workers": (["--workers", "0"], "'--workers'"),
    "fewer workers": (["--workers", "-1"], "'--workers'"),
    "odd workers": (["--workers", "abc"], "'--workers'"),
    "truth": (["--truth=maybe"], "--truth"),
}


@pytest.mark.parametrize(("words", "message"), BAD_INPUT.values(), ids=BAD_INPUT)
def test_bad_input_is_one_sentence(
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    message: str,
) -> None:
    assert synth(monkeypatch, *words, "--output-dir", str(root)) == 2
    printed = capsys.readouterr()
    assert message in printed.err
    assert "Traceback" not in printed.out + printed.err
    assert not root.exists()


def refusal(root: Path, scenario: IdentityScenario = SCENARIO) -> str:
    """The message with which the folder is refused; asserts that it was not changed."""
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    with pytest.raises(UserError) as refused:
        publish(scenario, root, 1, truth=True)
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == before
    return str(refused.value)


def test_a_file_is_no_folder(root: Path) -> None:
    root.write_text("mine")
    assert "is a file; name a new or an empty folder" in refusal(root)
    assert "not a directory" in refusal(root / "below")
    assert root.read_text() == "mine"


def test_a_folder_of_someone_else_is_refused(root: Path) -> None:
    root.mkdir()
    (root / "notes.txt").write_text("mine")
    assert "is not empty and not of this command (it holds notes.txt)" in refusal(root)


def test_a_folder_with_other_data_is_refused(made: Path) -> None:
    message = refusal(made, IdentityScenario(seed=1, scale=20_000))
    assert "holds data of scale 20,000, seed 42, with truth" in message
    assert "asked for are scale 20,000, seed 1, with truth" in message
    assert "remove this folder" in message


def test_a_folder_of_another_version_is_refused(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "version", lambda library: "another")
    assert "made by another version of this command" in refusal(made)


def test_a_damaged_manifest_is_refused(root: Path) -> None:
    root.mkdir()
    (root / MANIFEST).write_text("{")
    assert f"has a damaged {MANIFEST}" in refusal(root)


def test_a_full_disk_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "free")
    monkeypatch.setattr(output.shutil, "disk_usage", lambda place: usage(100_000_000))
    message = refusal(root, IdentityScenario(scale=5_000_000))
    assert "needs about 0.4 GB, and its file system has 0.1 GB free" in message
    assert not root.exists()
    publish(SCENARIO, root, 1, truth=False)


def test_a_folder_that_cannot_be_written_to_is_refused(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, **_: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "mkdir", refuse)
    assert "permission denied; name one that can be written to" in refusal(root)


def test_a_folder_in_use_is_refused(made: Path) -> None:
    with open_output(made, files.request(SCENARIO, truth=True), {}):
        assert "another run is writing" in refusal(made)


def test_a_disk_that_fills_up_leaves_finished_tables(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink = pl.LazyFrame.sink_parquet

    def fill(frame: pl.LazyFrame, path: Path, **options: object) -> None:
        sink(frame, path, **options)  # type: ignore[arg-type]
        if "crm" in path.name:
            raise pl.exceptions.ComputeError("no space left on device (os error 28)")

    monkeypatch.setattr(pl.LazyFrame, "sink_parquet", fill)
    with pytest.raises(UserError) as refused:
        publish(SCENARIO, root, 1, truth=True)
    assert "no space left on device" in str(refused.value)
    names = {path.name for path in (root / "parquet").iterdir()}
    assert names == {"products.parquet", "loyalty_members.parquet"}
    assert not unfinished(root)


def test_a_failed_check_is_an_exit_code(
    made: Path, root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(made, root)
    path = root / "parquet/product_reviews.parquet"
    path.write_bytes(bytes(path.stat().st_size))
    (root / REPORT).unlink()
    assert synth(monkeypatch, "--scale", "20K", "--output-dir", str(root)) == 1
    assert "failed Parquet files readable: {'product_reviews': " in capsys.readouterr().out
    path.unlink()
    assert synth(monkeypatch, "--scale", "20K", "--output-dir", str(root)) == 0
    assert data(root) == data(made)
