"""Values of a type: those that are listed of a column, and the range of numbers."""

from __future__ import annotations

from synth_assets.importing.found import NUMBERS, FoundColumn, FoundType, Kind

# Doubles have all whole numbers up to it.
MOST = 2**53
# Floats of four bytes have all whole numbers up to it.
MOST_OF_SINGLES = 2**24
# Floats that may have decimals, and whose sums are such floats too.
LARGEST_DOUBLE, LARGEST_SINGLE = 1e290, 1e30


def listed_values(column: FoundColumn) -> list[int | float | bool | str]:
    """The values that a column may have, if they are listed, without those of other types.

    Args:
        column: The column.
    """
    values = dict.fromkeys(scalar(column, value) for value in column.values)
    is_number = column.type.kind in NUMBERS
    return [value for value in values if not (is_number and isinstance(value, str))]


def range_of(given: FoundType) -> tuple[float, float]:
    """The range of a type of numbers, of what the language has of it.

    Args:
        given: The type.
    """
    if given.kind is Kind.INTEGER:
        first, last = given.integers
        return max(first, -MOST), min(last, MOST)
    if given.kind is not Kind.DECIMAL:
        largest = LARGEST_SINGLE if given.is_single else LARGEST_DOUBLE
        return -largest, largest
    precision, scale = given.precision or 18, given.scale or 0
    limit = min(10.0 ** (precision - scale) - 10.0**-scale, MOST)
    return -limit, limit


def scalar(column: FoundColumn, text: str) -> int | float | bool | str:
    """A value of the column's type; the text itself where it is none.

    Args:
        column: The column.
        text: The value.
    """
    try:
        number = float(text) if column.type.kind in NUMBERS else None
    except ValueError:
        return text
    if number is not None and column.type.kind is Kind.INTEGER:
        return int(number) if number.is_integer() and _is_within(column, number) else text
    if number is not None:
        return number if _is_within(column, number) else text
    return text.lower() in ("true", "t", "1") if column.type.kind is Kind.BOOLEAN else text


def _is_within(column: FoundColumn, number: float) -> bool:
    low, high = range_of(column.type)
    return low <= number <= high


def literal(value: int | float | bool | str) -> str:
    """A value in SQL.

    Args:
        value: The value.
    """
    if isinstance(value, bool):
        return str(value).upper()
    if not isinstance(value, str):
        return str(value)
    escaped = value.replace("'", "''")
    return f"'{escaped}'"
