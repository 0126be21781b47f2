"""The documentation site: pages made from code, and the build of the site.

- ``commands``, ``settings``: the reference pages of ``docs/reference``.
- ``pages``: writes these pages and the data dictionaries of ``docs/data``.
- ``site``: builds the site from ``docs``; ``make docs`` calls it.
- ``examples``: runs the commands of the docs, and compares or writes their output.

Pages made from code are kept in ``docs``, so that they can be read without a build; a test fails
while they differ from the code. This package is no part of the wheel.
"""
