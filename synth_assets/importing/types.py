"""Types of SQL dialects as ``FoundType``, by way of sqlglot's types."""

from __future__ import annotations

from sqlglot import exp
from sqlglot.errors import SqlglotError

from synth_assets.importing.found import SINGLE, FoundType, Kind

Type = exp.DataType.Type

BITS = {
    Type.TINYINT: 8, Type.UTINYINT: 8, Type.SMALLINT: 16, Type.USMALLINT: 16, Type.YEAR: 16,
    Type.SMALLSERIAL: 16, Type.INT: 32, Type.UINT: 32, Type.MEDIUMINT: 24, Type.UMEDIUMINT: 24,
    Type.SERIAL: 32,
}  # fmt: skip
KINDS: dict[exp.DType, Kind] = {
    **dict.fromkeys((*exp.DataType.INTEGER_TYPES, *BITS, Type.BIGSERIAL), Kind.INTEGER),
    **dict.fromkeys((*exp.DataType.FLOAT_TYPES, Type.UDOUBLE), Kind.FLOAT),
    **dict.fromkeys(exp.DataType.TEXT_TYPES, Kind.TEXT),
    **dict.fromkeys(
        (Type.DECIMAL, Type.BIGDECIMAL, Type.UDECIMAL, Type.MONEY, Type.SMALLMONEY), Kind.DECIMAL
    ),
    **dict.fromkeys((Type.BPCHAR, Type.ENUM, Type.ENUM8, Type.ENUM16, Type.SET), Kind.TEXT),
    **dict.fromkeys((Type.TIMESTAMPTZ, Type.TIMESTAMPLTZ), Kind.TIMESTAMP_TZ),
    **dict.fromkeys(
        (
            Type.TIMESTAMP, Type.TIMESTAMPNTZ, Type.TIMESTAMP_S, Type.TIMESTAMP_MS,
            Type.TIMESTAMP_NS, Type.DATETIME, Type.DATETIME2, Type.DATETIME64, Type.SMALLDATETIME,
        ),
        Kind.TIMESTAMP,
    ),
    **dict.fromkeys((Type.DATE, Type.DATE32), Kind.DATE),
    **dict.fromkeys((Type.TIME, Type.TIMETZ), Kind.TIME),
    **dict.fromkeys((Type.JSON, Type.JSONB, Type.VARIANT), Kind.JSON),
    **dict.fromkeys(
        (Type.BINARY, Type.VARBINARY, Type.BLOB, Type.MEDIUMBLOB, Type.LONGBLOB), Kind.BINARY
    ),
    Type.BOOLEAN: Kind.BOOLEAN,
    Type.UUID: Kind.UUID,
}  # fmt: skip
# Whole numbers of which the language, whose widest type is bigint, does not have all.
WIDER = frozenset({Type.UBIGINT, Type.INT128, Type.UINT128, Type.INT256, Type.UINT256})
# Types that sqlglot knows in one dialect only, or not at all; all are common in catalogs.
SYNONYMS = {
    "citext": "text", "name": "text", "uniqueidentifier": "uuid", "uinteger": "uint",
    "integer64": "bigint",
}  # fmt: skip
# Dialects in which floats have four bytes, unless they have more binary digits than fit.
WITH_SINGLES = (
    "athena", "clickhouse", "databricks", "duckdb", "hive", "mysql", "postgres", "presto",
    "redshift", "spark", "trino",
)  # fmt: skip
DIGITS_OF_SINGLES = 24
# Dialects in which bits are texts of 0 and 1; in others they are numbers.
WITH_BIT_STRINGS = ("postgres", "duckdb")
# Types that say how values of another one are stored.
WRAPPED = (Type.LOWCARDINALITY,)
# The values of MySQL's type of years.
YEARS = (1901, 2155)
MOST_DIGITS = 38
# Digits of whole numbers, and the bits that hold them: decimals without a scale are such numbers.
DIGITS = ((4, 16), (9, 32))
MOST_DIGITS_OF_BIGINT = 18


def found_type(given: exp.DataType, dialect: str = "") -> FoundType:
    """The type that a parsed type of SQL is.

    Args:
        given: The parsed type.
        dialect: Dialect in which the type is spelled for people.
    """
    spelled = given.sql(dialect=dialect or None).lower().replace('"', "")
    while given.this in WRAPPED and isinstance(given.expressions[0], exp.DataType):
        given = given.expressions[0]
    replaced = SYNONYMS.get(spelled)
    if replaced:
        given = exp.DataType.build(replaced)
    kind = Type.BOOLEAN if given.this == Type.BIT and dialect == "tsql" else given.this
    numbers = _parameters(given)
    if kind == Type.TINYINT and numbers == [1]:
        kind = Type.BOOLEAN  # MySQL's only way to write it
    found = KINDS.get(kind, Kind.OTHER)
    if kind == Type.BIT and dialect in WITH_BIT_STRINGS:
        found = Kind.OTHER
    elif kind == Type.BIT:
        return FoundType(Kind.INTEGER, spelled, bits=min((*numbers, 1)[0], 63), unsigned=True)
    if found is Kind.DECIMAL and numbers and numbers[1:] in ([], [0]):
        bits = next((bits for digits, bits in DIGITS if numbers[0] <= digits), 64)
        # All digits that there are say that the column has whole numbers, and not how large.
        narrowed = MOST_DIGITS_OF_BIGINT < numbers[0] < MOST_DIGITS
        return FoundType(Kind.INTEGER, spelled, precision=numbers[0], bits=bits, narrowed=narrowed)
    precision, scale = (*numbers, None, None)[:2] if found is Kind.DECIMAL else (None, None)
    is_small = kind == Type.FLOAT and all(number <= DIGITS_OF_SINGLES for number in numbers)
    bits = SINGLE if is_small and dialect in WITH_SINGLES else BITS.get(kind, 64)
    return FoundType(
        found,
        spelled,
        precision=min(precision, MOST_DIGITS) if precision else None,
        scale=(scale or 0) if precision else None,
        length=numbers[0] if found is Kind.TEXT and numbers else None,
        bits=bits,
        unsigned=kind in exp.DataType.UNSIGNED_INTEGER_TYPES,
        narrowed=kind in WIDER,
    )


def type_of(text: str, dialect: str = "") -> FoundType:
    """The type that a text names; a text that names none is of the kind ``OTHER``.

    Args:
        text: The type as a source spells it.
        dialect: The dialect of SQL, if it is known.
    """
    try:
        return found_type(exp.DataType.build(text, dialect=dialect or None, udt=True), dialect)
    except (SqlglotError, ValueError):
        return FoundType(Kind.OTHER, text.lower())


def _parameters(given: exp.DataType) -> list[int]:
    """The numbers in parentheses; ``varchar(max)`` has none."""
    found = (parameter.this for parameter in given.find_all(exp.DataTypeParam))
    return [int(n.this) for n in found if isinstance(n, exp.Literal) and n.this.isdigit()]


def enumerated(given: exp.DataType) -> tuple[str, ...]:
    """The values of an enumeration type; none for any other type.

    Args:
        given: The parsed type.
    """
    if given.this not in (Type.ENUM, Type.ENUM8, Type.ENUM16, Type.SET):
        return ()
    # ClickHouse numbers its values.
    values = (v.this if isinstance(v, exp.EQ) else v for v in given.expressions)
    return tuple(str(value.name) for value in values if isinstance(value, exp.Literal))


def bounds_of(given: exp.DataType) -> tuple[int, int] | tuple[None, None]:
    """The bounds of a type that is narrower than its width; none of any other type.

    Args:
        given: The parsed type.
    """
    return YEARS if given.this == Type.YEAR else (None, None)
