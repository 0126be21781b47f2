"""Chance as a pure function of names and row numbers, and the words that it picks from.

Read in this order: ``streams``, ``run_lengths``, ``permutations``. Nothing here knows a table.
"""
