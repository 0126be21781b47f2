"""Who the users are: names, streets and ages that fit their country and their time as users.

``identity`` gives people ``names`` and e-mail addresses; ``streets`` and ``ages`` follow.
``name_lists`` and ``street_lists`` are the words, ``checks`` has the checks.
"""
