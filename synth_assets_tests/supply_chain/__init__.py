"""What the project is built from: pins with hashes, licences, a bill of materials, an audit.

``python -m synth_assets_tests.supply_chain`` with ``lock``, ``licences``, ``sbom`` or ``audit``.
Pins are ``requirements.txt`` (``pins``), licences are those that installed packages declare
(``licences``). The bill and the audit are made by tools in an environment of their own (``tools``),
with the versions of ``tools.txt``.
"""
