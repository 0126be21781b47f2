"""A baseline resolver, which other tools are compared with, and the scores of any resolver.

``normalise`` decides whether two values are the same identifier, ``resolve`` clusters records that
exact identifiers connect, ``score`` compares clusters with the ground truth. The results are in
the tables ``resolved_identities`` and ``resolution_scores``.
"""
