"""Checks that tables share, and what checks are made of.

``structural`` has keys, references and rows, ``statistical`` shares and distributions; ``building``
has the parts from which a table's own checks are made. How a check becomes an asset check is up to
``orchestration``.
"""
