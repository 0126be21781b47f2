"""A baseline resolver and its scores: what a tool must beat, and how any tool is measured.

``normalise`` says when two values are one identifier, ``resolve`` which records are one person by
exact identifiers, ``score`` how that compares with the truth. The tables ``resolved_identities``
and ``resolution_scores`` hold what comes of it.
"""
