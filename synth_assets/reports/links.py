"""Addresses of pages of the Dagster UI, and names of places in a report's page."""

from __future__ import annotations

import re
from urllib.parse import quote, urlencode

UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")


def asset_url(ui: str, path: str, **view: str) -> str:
    """The page of an asset; empty without an address of the UI.

    Args:
        ui: Address of the UI.
        path: Path of the asset.
        **view: The tab, and what is selected there.
    """
    if not ui:
        return ""
    query = f"?{urlencode(view)}" if view else ""
    return f"{ui}/assets/{quote(path)}{query}"


def check_url(ui: str, path: str, check: str) -> str:
    """The page of an asset's check; empty without an address of the UI.

    Args:
        ui: Address of the UI.
        path: Path of the asset.
        check: Name of the check.
    """
    return asset_url(ui, path, view="checks", checkDetail=check)


def partition_url(ui: str, path: str, key: str) -> str:
    """The page of an asset's partition; empty without an address of the UI.

    Args:
        ui: Address of the UI.
        path: Path of the asset.
        key: Partition key.
    """
    return asset_url(ui, path, view="partitions", partition=key)


def run_url(ui: str, run_id: str) -> str:
    """The page of a run; empty without an address of the UI.

    Args:
        ui: Address of the UI.
        run_id: Id of the run.
    """
    return f"{ui}/runs/{quote(run_id, safe='')}" if ui else ""


def backfill_url(ui: str, backfill_id: str) -> str:
    """The page of a backfill, where it can be canceled.

    Args:
        ui: Address of the UI.
        backfill_id: Id of the backfill.
    """
    return f"{ui}/runs/b/{quote(backfill_id, safe='')}"


def anchor(*names: str) -> str:
    """The id of an element, from names.

    Args:
        *names: A table's path, and perhaps the name of a check.
    """
    return "-".join(UNSAFE.sub("-", name) for name in names)
