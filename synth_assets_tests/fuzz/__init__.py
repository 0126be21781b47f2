"""Odd inputs for every entry: each is accepted, or refused in a line; none hangs.

``inputs`` has the odd values, ``test_fuzz`` the entries: settings, their file, locations,
selections, privacy policies, queries. The commands' own words are in ``cli/test_odd_input``.
"""
