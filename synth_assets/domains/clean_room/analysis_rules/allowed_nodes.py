"""The types of nodes that the engine allows in a query, and the parts that each of them may use.

Two lists of node types: ``PROTECTED`` for a SELECT over protected views, and the longer ``AROUND``
for queries over released rows and the party's own tables. Functions are nodes too, so unknown
functions, table functions and user-defined ones are refused without being named. A structural node
may only use the parts listed for it. ``grammar`` checks queries against the lists.
"""

from __future__ import annotations

from sqlglot import exp

VALUES = (exp.Column, exp.Identifier, exp.Literal, exp.Boolean, exp.Null, exp.Star)
LOGIC = (exp.And, exp.Or, exp.Not, exp.Paren, exp.Is, exp.In, exp.Between, exp.Like, exp.Case,
         exp.If, exp.Coalesce, exp.Nullif, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT,
         exp.LTE)  # fmt: skip
ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.SafeDivide, exp.Mod, exp.Neg, exp.Abs,
              exp.Sign, exp.Round, exp.Floor, exp.Ceil, exp.Greatest, exp.Least)  # fmt: skip
TEXTS = (exp.Lower, exp.Upper, exp.Trim, exp.Length, exp.Substring, exp.Concat, exp.DPipe,
         exp.StartsWith)  # fmt: skip
TIMES = (exp.Extract, exp.DateTrunc, exp.TimestampTrunc, exp.Var)
CASTS = (exp.Cast, exp.TryCast, exp.DataType)
# Those that BigQuery supports under its rules: none of them returns the value of one row.
AGGREGATES = (exp.Avg, exp.Count, exp.CountIf, exp.Sum, exp.LogicalAnd, exp.LogicalOr, exp.Corr,
              exp.CovarPop, exp.CovarSamp, exp.Stddev, exp.StddevPop, exp.StddevSamp,
              exp.Variance, exp.VariancePop, exp.ApproxDistinct)  # fmt: skip
QUERY = (exp.Select, exp.From, exp.Join, exp.Table, exp.TableAlias, exp.Alias, exp.Where,
         exp.Group, exp.Having, exp.Order, exp.Ordered, exp.Limit, exp.Offset,
         exp.Distinct)  # fmt: skip

PROTECTED = {*VALUES, *LOGIC, *ARITHMETIC, *TEXTS, *TIMES, *CASTS, *AGGREGATES, *QUERY}
AROUND = PROTECTED | {
    exp.With, exp.CTE, exp.Subquery, exp.Union, exp.Except, exp.Intersect, exp.Exists,
    exp.Min, exp.Max, exp.Window, exp.WindowSpec, exp.RowNumber, exp.Rank, exp.DenseRank,
    exp.Lag, exp.Lead, exp.Qualify, exp.Kwarg, exp.Tuple,
}  # fmt: skip
TYPES = (exp.DType.BIGINT, exp.DType.DOUBLE, exp.DType.TEXT, exp.DType.BOOLEAN, exp.DType.DATE,
         exp.DType.TIMESTAMP, exp.DType.TIMESTAMPTZ)  # fmt: skip

# The parts a structural node may use; any other part that is set is refused.
_CLAUSES = {"expressions", "from_", "joins", "where", "group", "having", "order", "limit",
            "offset", "distinct"}  # fmt: skip
PARTS: dict[type[exp.Expr], set[str]] = {
    exp.Select: _CLAUSES | {"with_", "qualify"},
    exp.Table: {"this", "db", "catalog", "alias"},
    exp.TableAlias: {"this"},
    exp.Join: {"this", "on", "using", "side", "kind"},
    exp.Subquery: {"this", "alias"},
    exp.Union: {"this", "expression", "distinct", "with_", "order", "limit", "offset"},
    exp.Except: {"this", "expression", "distinct", "with_", "order", "limit", "offset"},
    exp.Intersect: {"this", "expression", "distinct", "with_", "order", "limit", "offset"},
    exp.With: {"expressions"},
    exp.CTE: {"this", "alias"},
    exp.Group: {"expressions"},
    exp.Ordered: {"this", "desc", "nulls_first"},
    exp.Distinct: {"expressions"},
    exp.Limit: {"expression"},
    exp.Offset: {"expression"},
    exp.Cast: {"this", "to"},
    exp.TryCast: {"this", "to", "safe"},
    exp.DataType: {"this"},
    exp.Star: {"except_"},
    exp.Column: {"this", "table"},
}
