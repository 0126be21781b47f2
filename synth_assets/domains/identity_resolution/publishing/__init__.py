"""The data as a folder of files: tables, a resolver's configuration, and a report on both.

``output`` is the folder and its finished files, ``files`` writes the tables, ``metadata`` the
configuration, ``statistics`` measures the files and ``report`` checks the measurements. The
command ``synth identity-resolution`` calls them one after another.
"""
