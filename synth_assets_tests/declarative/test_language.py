"""The language as it is published: its JSON Schema, and the examples of the docs."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest

from synth_assets.declarative.language import schema_text
from synth_assets.declarative.yaml_document import read_document
from synth_assets.orchestration.shipped import PROJECT
from synth_assets_tests.declarative.conftest import Declare, rows_of

SCHEMA = PROJECT / "docs" / "schemas" / "domain.schema.json"
EXAMPLES = sorted((PROJECT / "examples").glob("*/domain.yaml"))
PAGE = (PROJECT / "docs" / "declarative.md").read_text()
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


def test_the_published_schema_is_that_of_the_models() -> None:
    text = "run python -m synth_assets.declarative.language"
    assert SCHEMA.read_text() == schema_text(), text


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_editors_accept_the_examples(path: Path) -> None:
    # Keys of JSON are texts.
    content = json.loads(json.dumps(read_document(path).content))
    validator = jsonschema.Draft202012Validator(json.loads(schema_text()))
    assert [error.message for error in validator.iter_errors(content)] == []
    name = next(iter(content["tables"]))
    content["tables"][name]["columns"]["wrong"] = {"kind": "chioce", "values": ["a"]}
    assert not validator.is_valid(content)


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_examples_of_the_page_become_tables(number: int, declare: Declare) -> None:
    domain = declare(BLOCKS[number])
    for table in domain.tables:
        assert table.name.endswith("_ground_truth") or len(rows_of(domain, table.name))
