"""Why a policy or a query was refused: BigQuery's message, then what is allowed.

Messages depend on the query and the policy, never on the data.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from synth_assets.core.errors import UserError

SET_BY_OWNER = "because a privacy policy has been set by a data owner."


class PolicyError(UserError):
    """A privacy policy that BigQuery would not accept."""


class RefusedError(UserError):
    """A query that may not run."""


class NotASelectError(RefusedError):
    """Text that is not SQL, or not one SELECT statement."""


class NotProvablySafeError(RefusedError):
    """A construct that the engine cannot prove to be safe over protected data."""


class UnknownRelationError(RefusedError):
    """A table or view that does not exist, or that the querying party may not read."""


class PrivacyClauseRequiredError(RefusedError):
    """A protected view was read without the clause of its policy."""

    def __init__(self, clause: str) -> None:
        super().__init__(f"You must use SELECT WITH {clause} for this query {SET_BY_OWNER}")


class PrivacyOptionError(RefusedError):
    """An option of the clause that the policy, or the clause, does not allow."""


class PrivacyUnitExposedError(RefusedError):
    """A use of the privacy unit column other than counting and joining."""

    def __init__(self, column: str) -> None:
        super().__init__(
            f"The privacy unit column {column} cannot be used here: it can be joined on with =, "
            "counted with COUNT or COUNT(DISTINCT …), and tested with IS NULL in WHERE"
        )


class StrictModeError(RefusedError):
    """An aggregate that BigQuery answers, but a view in strict mode does not."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} (a view here has a policy in strict mode)")


class PrivacyUnitNotSharedError(RefusedError):
    """A join of protected views with different privacy units."""


class JoinRestrictedError(RefusedError):
    """A join that the view's owner does not allow, or a required join that is missing."""

    @classmethod
    def missing(cls, view: str, columns: Iterable[str], every: bool) -> JoinRestrictedError:
        """The error for a required join that is missing.

        Args:
            view: The view's name.
            columns: The columns that it may be joined on.
            every: Whether all of them are required, not only one.
        """
        how = "all" if every else "at least one"
        return cls(
            f"Joining must occur on {how} of the following columns [{', '.join(columns)}] on "
            f"table {view}. (an INNER JOIN … ON column = column with your own data)"
        )

    @classmethod
    def occurring(cls, view: str, columns: Iterable[str]) -> JoinRestrictedError:
        """The error for a join on a column that is not allowed.

        Args:
            view: The view's name.
            columns: The columns that it may be joined on.
        """
        allowed = ", ".join(columns) or "none"
        return cls(
            "Join occurring on a restricted column. "
            f"(columns of {view} that may be joined on: {allowed})"
        )


class EpsilonTooHighError(RefusedError):
    """More epsilon in one query than the policy allows."""

    def __init__(self, epsilon: float, view: str, allowed: float) -> None:
        super().__init__(
            f"Epsilon is too high: {epsilon:g}, policy for table {view} allows max {allowed:g}"
        )


class DeltaTooHighError(RefusedError):
    """More delta in one query than the policy allows."""

    def __init__(self, delta: float, view: str, allowed: float) -> None:
        super().__init__(
            f"Delta is too high: {delta:g}, policy for table {view} allows max {allowed:g}"
        )


class BudgetExhaustedError(RefusedError):
    """The view's privacy budget does not cover this query."""

    def __init__(self, view: str, epsilon: float, delta: float) -> None:
        super().__init__(
            f"Privacy budget is not sufficient for table '{view}' in this query. "
            f"(left: epsilon {epsilon:g}, delta {delta:g}; every view of the same people draws "
            "on it, and other data have a budget of their own)"
        )


class BudgetMissingError(RefusedError):
    """No budget has been opened for the data of a view."""

    def __init__(self, view: str, path: Path, remedy: str) -> None:
        super().__init__(
            f"the data of view {view} have no privacy budget in {path}: it was removed, or they "
            f"were made elsewhere; {remedy}"
        )
