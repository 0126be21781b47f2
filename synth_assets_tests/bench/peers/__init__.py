"""Other generators, each in a virtual environment of its own: ``make bench-peers``.

``catalogue`` names them, ``environments`` builds what ``../peers.txt`` pins, ``side_by_side`` is
the part ``peers``. ``run_<peer>.py`` are the programs that are measured: each is called with a
number of rows and a folder to write them into. Only ours imports the project.
"""
