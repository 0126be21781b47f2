"""Speed and memory, each measured beside a peer in the same run: ``make bench``.

``python -m synth_assets_tests.bench jaffle stores`` runs parts by name. A part is a module here:
``jaffle``, ``commands``, ``identity``, ``graph``, ``journey``, ``stores``, ``studio``, and
``peers`` (other generators, each in a virtual environment of its own). A part yields rows
(``rows``); what it measures runs in processes of its own (``processes``), timed there
(``stopwatch``). ``results`` is the kept file, ``page`` makes ``docs/benchmarks.md`` from it (with
``growth`` and ``plots``), ``comparison`` compares two of them.

A new row is a ``Row`` in a part, a new part a line in ``__main__``.
"""
