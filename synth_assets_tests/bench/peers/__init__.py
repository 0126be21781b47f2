"""Other generators, each in a virtual environment of its own: ``make bench-peers``.

``catalogue`` names them, ``environments`` builds what ``../peers.txt`` pins, ``side_by_side`` is
the part ``peers``. ``run_<peer>.py`` are the programs that are measured: each is a process that
writes a number of rows into a folder and prints how many. They import nothing of the project.
"""
