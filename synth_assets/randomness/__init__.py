"""Random values as pure functions of names and row numbers, and the vocabularies they come from.

Read in this order: ``splitmix64``, ``streams``, ``run_lengths``, ``permutations``. Nothing here
depends on a table.
"""
