"""The merchant's snapshots: ``window`` selects their orders and users from the source.

The tables are in ``tables``.
"""
