"""The world as a folder of files: tables, configuration of a resolver, and a report on both.

``output`` is the folder and what is finished in it, ``files`` writes the tables, ``metadata`` the
configuration, ``figures`` measures what was written and ``report`` judges it. The command that
calls them one after another is ``synth identity-resolution``.
"""
