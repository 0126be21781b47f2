"""The privileges that an account needs before anything is written, and GRANTs for missing ones.

A privilege may be held by the account, by one of its groups or by all account users, on the object
itself or by inheritance. Owners hold all privileges except those that must be granted explicitly.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from databricks.sdk import WorkspaceClient
from databricks.sdk.service.catalog import ExternalLocationInfo

from synth_assets.core.errors import UnknownNameError, UserError
from synth_assets.stores.unity.names import quoted
from synth_assets.stores.unity.workspace import NotFoundError, NotPermittedError, connect, request

ALL_USERS = "account users"
ALL = "ALL_PRIVILEGES"
# Neither ownership nor ALL PRIVILEGES includes these.
EXPLICIT_ONLY = {"EXTERNAL_USE_SCHEMA", "EXTERNAL_USE_LOCATION"}
TO_WRITE = ("USE_SCHEMA", "CREATE_TABLE", "EXTERNAL_USE_SCHEMA")
# The account that creates a schema owns it.
TO_CREATE_SCHEMA = ("CREATE_SCHEMA", "EXTERNAL_USE_SCHEMA")
TO_STORE_FILES = ("CREATE_EXTERNAL_TABLE", "EXTERNAL_USE_LOCATION")


class MissingPrivilege(NamedTuple):
    """A privilege that an account lacks.

    Attributes:
        privilege: Its name in the API.
        securable: The kind of object, as the API names it.
        name: The object's full name.
        principal: The account.
    """

    privilege: str
    securable: str
    name: str
    principal: str

    def __str__(self) -> str:
        return f"{_spaced(self.privilege)} on {_spaced(self.securable).lower()} {self.name}"

    @property
    def grant(self) -> str:
        """The SQL statement that grants it."""
        where = f"{_spaced(self.securable)} {quoted(self.name)}"
        who = "`" + self.principal.replace("`", "``") + "`"
        return f"GRANT {_spaced(self.privilege)} ON {where} TO {who};"


class Account(NamedTuple):
    """The account that is signed in: user or service principal first, then its groups."""

    names: tuple[str, ...]

    @property
    def name(self) -> str:
        """The user or service principal, to which missing privileges are granted."""
        return self.names[0]


def verify_catalog_permissions(
    catalog: str, schema: str, *, root: str | None = None, client: WorkspaceClient | None = None
) -> tuple[bool, list[MissingPrivilege]]:
    """Verifies that the account can create tables in a schema.

    Args:
        catalog: Name of the catalog.
        schema: Name of the schema, which need not exist.
        root: An object store's URL for the files; verifies the external location, too.
        client: A client of the workspace; by default one from the environment.

    Returns:
        Whether nothing is missing, and the missing privileges.

    Raises:
        UserError: There is no such catalog, no external location holds ``root``, or a request
            failed.
    """
    client = client or connect()
    account = _account(client)
    try:
        owner = _owner(client, "CATALOG", catalog)
    except NotFoundError:
        raise _unknown_catalog(client, catalog) from None
    on_catalog, missing = ["USE_CATALOG"], []
    try:
        name = f"{catalog}.{schema}"
        missing = _missing(
            client, account, "SCHEMA", name, _owner(client, "SCHEMA", name), TO_WRITE
        )
    except NotFoundError:
        on_catalog += TO_CREATE_SCHEMA
    missing = [*_missing(client, account, "CATALOG", catalog, owner, on_catalog), *missing]
    if root is not None and "://" in root:
        location = _external_location(client, account, root)
        kind, name = "EXTERNAL_LOCATION", str(location.name)
        missing += _missing(client, account, kind, name, location.owner, TO_STORE_FILES)
    return not missing, missing


def refuse_missing_permissions(missing: Iterable[MissingPrivilege]) -> None:
    """Refuses to go on without privileges.

    Args:
        missing: The missing privileges, all of one account.

    Raises:
        UserError: A privilege is missing; the message has the GRANT statements.
    """
    lacking = list(missing)
    if lacking:
        raise UserError(
            f"Unity Catalog: {lacking[0].principal} lacks {', '.join(map(str, lacking))}. Nothing "
            f"was written. Let an owner run: {' '.join(one.grant for one in lacking)}"
        )


def _account(client: WorkspaceClient) -> Account:
    me = request("ask the workspace who signs in", client.current_user.me)
    if not me.user_name:
        raise UserError("cannot ask the workspace who signs in: it names nobody")
    groups = [group.display for group in me.groups or [] if group.display]
    return Account((me.user_name, *groups, ALL_USERS))


def _missing(
    client: WorkspaceClient,
    account: Account,
    securable: str,
    name: str,
    owner: str | None,
    needed: Sequence[str],
) -> list[MissingPrivilege]:
    held = set(needed) - EXPLICIT_ONLY if owner in account.names else set()
    for principal in account.names:
        if held.issuperset(needed):
            break
        held |= _privileges_of(client, securable, name, principal)
        if ALL in held:
            held |= set(needed) - EXPLICIT_ONLY
    return [MissingPrivilege(p, securable, name, account.name) for p in needed if p not in held]


def _owner(client: WorkspaceClient, securable: str, name: str) -> str | None:
    """The owner of an existing catalog or schema; None where the account cannot see it."""
    api = client.catalogs if securable == "CATALOG" else client.schemas
    try:
        return request(f"look up {securable.lower()} {name}", lambda: api.get(name)).owner
    except NotPermittedError:
        return None


def _unknown_catalog(client: WorkspaceClient, catalog: str) -> UserError:
    known = request("list catalogs", lambda: [str(c.name) for c in client.catalogs.list()])
    return UnknownNameError("catalog in Unity Catalog", catalog, sorted(known))


def _privileges_of(client: WorkspaceClient, securable: str, name: str, principal: str) -> set[str]:
    """Privileges of one principal; none where the account cannot see them."""
    held: set[str] = set()
    page: str | None = None
    while True:
        try:
            found = request(
                f"ask what {principal} may do on {name}",
                lambda page=page: client.grants.get_effective(  # type: ignore[misc]
                    securable, name, principal=principal, max_results=0, page_token=page
                ),
            )
        except (NotPermittedError, NotFoundError):
            return held
        for assignment in found.privilege_assignments or []:
            if assignment.principal == principal:
                # The client has no name for a privilege that is newer than the client.
                held |= {p.privilege.value for p in assignment.privileges or [] if p.privilege}
        page = found.next_page_token
        if not page:
            return held


def _external_location(
    client: WorkspaceClient, account: Account, root: str
) -> ExternalLocationInfo:
    """The external location that holds the root, the narrowest if several do."""
    locations = request("list external locations", lambda: list(client.external_locations.list()))
    holding = [one for one in locations if one.url and _is_below(root, one.url)]
    if not holding:
        raise UserError(
            f"Unity Catalog: no external location that {account.name} can see holds {root}. "
            "Nothing was written. Let an admin create one, and run: GRANT CREATE EXTERNAL TABLE, "
            f"EXTERNAL USE LOCATION ON EXTERNAL LOCATION `…` TO `{account.name}`;"
        )
    return max(holding, key=lambda one: len(one.url or ""))


def _is_below(root: str, url: str) -> bool:
    return f"{root.rstrip('/')}/".startswith(f"{url.rstrip('/')}/")


def _spaced(name: str) -> str:
    return name.replace("_", " ")
