"""Domains as YAML files: the language, its loader, and the compiler to tables.

``model`` is the language: a domain, its tables and their rows; ``columns`` has a generator for each
kind of column, ``changes`` noise and planted anomalies. ``loader`` reads a file and names the line
of an error; ``compiler`` makes the ``Domain``. No generator is written for one domain.
"""
