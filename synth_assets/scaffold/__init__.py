"""New domains outside the package: the files of a folder that works at once, to be changed.

``names`` reads what tables are wanted, ``declared`` writes tables as YAML, ``in_python`` as
modules; ``files`` has what both have (tests, dbt models, README), and writes the folder.
"""
