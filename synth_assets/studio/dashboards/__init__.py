"""What the dashboards have in common; the queries of each are in its page.

``dashboard`` has the title and the errors of a page, ``period`` the range of dates;
``clusters`` and ``records`` read identity resolution, ``rooms`` opens the console's clean room.
"""
