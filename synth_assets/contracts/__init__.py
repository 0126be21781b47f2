"""Descriptions of tables for people and other tools, derived from ``Table`` and ``Domain``.

- ``odcs``: a data contract of the Open Data Contract Standard for each table.
- ``json_schema``: a JSON Schema of one row.
- ``dictionary``: a data dictionary of a domain in Markdown.
- ``diagrams``: an entity-relationship diagram of a domain in Mermaid.
- ``files``: writes all of them into a folder.

Where a table is stored is an argument (``Place``). This package reads no data.
"""
