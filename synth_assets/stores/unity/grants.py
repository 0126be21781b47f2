"""What an account must be allowed to do before anything is written, and the GRANTs for the rest.

Privileges count that the account, one of its groups or every account user holds, on the thing
itself or by inheritance; owners hold all but those that the catalog wants said expressly.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from databricks.sdk import WorkspaceClient
from databricks.sdk.service.catalog import ExternalLocationInfo

from synth_assets.core.errors import UnknownNameError, UserError
from synth_assets.stores.unity.names import quoted
from synth_assets.stores.unity.service import NotAllowedError, NotThereError, asked, connect

EVERYBODY = "account users"
ALL = "ALL_PRIVILEGES"
# Neither ownership nor ALL PRIVILEGES stands for these.
EXPRESS = {"EXTERNAL_USE_SCHEMA", "EXTERNAL_USE_LOCATION"}
TO_WRITE = ("USE_SCHEMA", "CREATE_TABLE", "EXTERNAL_USE_SCHEMA")
# Who makes a schema owns it.
TO_MAKE_A_SCHEMA = ("CREATE_SCHEMA", "EXTERNAL_USE_SCHEMA")
TO_LIE_THERE = ("CREATE_EXTERNAL_TABLE", "EXTERNAL_USE_LOCATION")


class Missing(NamedTuple):
    """A privilege that an account (``principal``) lacks, in the API's words."""

    privilege: str
    securable: str
    name: str
    principal: str

    def __str__(self) -> str:
        return f"{_words(self.privilege)} on {_words(self.securable).lower()} {self.name}"

    @property
    def grant(self) -> str:
        """The statement that gives it."""
        where = f"{_words(self.securable)} {quoted(self.name)}"
        who = "`" + self.principal.replace("`", "``") + "`"
        return f"GRANT {_words(self.privilege)} ON {where} TO {who};"


class Account(NamedTuple):
    """Who asks: the user or service principal first, then the groups it is in."""

    names: tuple[str, ...]

    @property
    def name(self) -> str:
        """The one to grant to."""
        return self.names[0]


def verify_catalog_permissions(
    catalog: str, schema: str, *, root: str | None = None, client: WorkspaceClient | None = None
) -> tuple[bool, list[Missing]]:
    """Whether tables can be made in a schema, which may be absent, and what is missing.

    With the ``root`` of the files, an object store's URL, also whether they may lie there.
    ``UserError`` for a catalog that there is not, or where the workspace cannot be asked.
    """
    client = client or connect()
    account = _account(client)
    try:
        owner = _owner(client, "CATALOG", catalog)
    except NotThereError:
        raise _unknown(client, catalog) from None
    on_catalog, missing = ["USE_CATALOG"], []
    try:
        name = f"{catalog}.{schema}"
        missing = _missing(
            client, account, "SCHEMA", name, _owner(client, "SCHEMA", name), TO_WRITE
        )
    except NotThereError:
        on_catalog += TO_MAKE_A_SCHEMA
    missing = [*_missing(client, account, "CATALOG", catalog, owner, on_catalog), *missing]
    if root is not None and "://" in root:
        there = _external_location(client, account, root)
        kind, name = "EXTERNAL_LOCATION", str(there.name)
        missing += _missing(client, account, kind, name, there.owner, TO_LIE_THERE)
    return not missing, missing


def refuse_missing_permissions(missing: Iterable[Missing]) -> None:
    """``UserError`` with the GRANT statements, if anything is missing."""
    lacking = list(missing)
    if lacking:
        raise UserError(
            f"Unity Catalog: {lacking[0].principal} lacks {', '.join(map(str, lacking))}. Nothing "
            f"was written. Let an owner run: {' '.join(one.grant for one in lacking)}"
        )


def _account(client: WorkspaceClient) -> Account:
    me = asked("ask the workspace who signs in", client.current_user.me)
    if not me.user_name:
        raise UserError("cannot ask the workspace who signs in: it names nobody")
    groups = [group.display for group in me.groups or [] if group.display]
    return Account((me.user_name, *groups, EVERYBODY))


def _missing(
    client: WorkspaceClient,
    account: Account,
    securable: str,
    name: str,
    owner: str | None,
    needed: Sequence[str],
) -> list[Missing]:
    held = set(needed) - EXPRESS if owner in account.names else set()
    for principal in account.names:
        if held.issuperset(needed):
            break
        held |= _held(client, securable, name, principal)
        if ALL in held:
            held |= set(needed) - EXPRESS
    return [Missing(p, securable, name, account.name) for p in needed if p not in held]


def _owner(client: WorkspaceClient, securable: str, name: str) -> str | None:
    """The owner of a catalog or schema that is there; nobody where that is not ours to know."""
    api = client.catalogs if securable == "CATALOG" else client.schemas
    try:
        return asked(f"look up {securable.lower()} {name}", lambda: api.get(name)).owner
    except NotAllowedError:
        return None


def _unknown(client: WorkspaceClient, catalog: str) -> UserError:
    known = asked("list catalogs", lambda: [str(c.name) for c in client.catalogs.list()])
    return UnknownNameError("catalog in Unity Catalog", catalog, sorted(known))


def _held(client: WorkspaceClient, securable: str, name: str, principal: str) -> set[str]:
    """Privileges of one principal; none where the account may not even look."""
    held: set[str] = set()
    page: str | None = None
    while True:
        try:
            found = asked(
                f"ask what {principal} may do on {name}",
                lambda page=page: client.grants.get_effective(  # type: ignore[misc]
                    securable, name, principal=principal, max_results=0, page_token=page
                ),
            )
        except (NotAllowedError, NotThereError):
            return held
        for assignment in found.privilege_assignments or []:
            if assignment.principal == principal:
                # A privilege that is newer than the client has no name in it.
                held |= {p.privilege.value for p in assignment.privileges or [] if p.privilege}
        page = found.next_page_token
        if not page:
            return held


def _external_location(
    client: WorkspaceClient, account: Account, root: str
) -> ExternalLocationInfo:
    """The external location that holds the root, the narrowest if several do."""
    there = asked("list external locations", lambda: list(client.external_locations.list()))
    holding = [one for one in there if one.url and _within(root, one.url)]
    if not holding:
        raise UserError(
            f"Unity Catalog: no external location that {account.name} can see holds {root}. "
            "Nothing was written. Let an admin create one, and run: GRANT CREATE EXTERNAL TABLE, "
            f"EXTERNAL USE LOCATION ON EXTERNAL LOCATION `…` TO `{account.name}`;"
        )
    return max(holding, key=lambda one: len(one.url or ""))


def _within(root: str, url: str) -> bool:
    return f"{root.rstrip('/')}/".startswith(f"{url.rstrip('/')}/")


def _words(name: str) -> str:
    return name.replace("_", " ")
