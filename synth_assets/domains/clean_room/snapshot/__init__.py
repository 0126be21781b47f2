"""The merchant's part of the clean room: of the source, the days and users of a snapshot.

One module a table; ``window`` says which orders and users a snapshot has.
"""
