"""A plan for 50 billion records, checked by a simulation of its discrete events.

``model`` simulates workers, the object store and the instance's database; ``rates`` has what was
measured and what is assumed; ``page`` writes ``docs/scale.md``:
``python -m synth_assets_tests.scale.page``. Nothing of that size was run.
"""
