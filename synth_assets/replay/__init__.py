"""A table's rows played as change events, in order of time.

``changes`` gives the inserts and updates of rows from the data's own truth, ``invented`` adds those
that a user asks for, ``timeline`` puts them in order, in windows that fit into memory, ``envelope``
writes them as Debezium does. ``pace`` decides when an event is due, ``position`` what was sent,
``player`` sends; ``targets`` has the places that events are sent to. Options are in ``cli.replay``.
"""
