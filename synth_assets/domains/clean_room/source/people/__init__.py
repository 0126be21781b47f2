"""Who the users are: ``names`` and ``streets`` of their country, and ``ages`` that fit.

``name_lists`` and ``street_lists`` are the words.
"""
