"""Checks that tables share, and the parts of a table's own checks.

``structural`` (schema, scenario, conditions on rows), ``keys`` and ``row_counts`` check rows one by
one or count them; ``proportions``, ``goodness_of_fit`` and ``drift`` check distributions, with the
error probabilities of ``tolerance``. ``building`` has the parts of a table's own checks. Asset
checks are in ``orchestration``.

``measured`` and ``threshold`` of a result mean the same in each family: the number of failing rows
and ``= 0``; a number of rows or a share and its bounds; the largest of several deviations in
tolerances, or of several statistics in multiples of their limits, and ``<= 1``; a p-value and the
error probability.
"""
