"""Faults while data are written, read and maintained, and what is stored then: ``make torture``.

``python -m synth_assets_tests.torture kills disk`` runs parts by name; a part is a module here that
causes one kind of fault. A part yields lines of the table (``trials``): how often the fault was
caused, and each time that something was torn or lost. ``places`` opens the stores, ``states`` says
what must be stored after a fault, ``results`` is the kept file, ``page`` writes the table of
``docs/reliability.md``.

Random instants come from a seed, but the machine's speed decides what happens at them: two runs do
not have the same faults.

A new kind of fault is a module here and a line in ``__main__``.
"""
