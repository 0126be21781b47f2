"""``python -m synth_assets_docs`` builds the site.

``pages`` only writes the pages made from code. ``examples`` runs the commands of the docs and
compares their output; ``examples --write`` replaces it.
"""

from __future__ import annotations

import sys

from synth_assets_docs import examples, pages, site

USAGE = "usage: python -m synth_assets_docs [pages | examples [--write]]\n"


def main(words: list[str]) -> int:
    """Runs one of the commands.

    Args:
        words: The command's words.

    Returns:
        The exit code.
    """
    match words:
        case []:
            sys.stdout.write(f"open {site.build()}\n")
        case ["pages"]:
            sys.stdout.writelines(f"{path}\n" for path in pages.write())
        case ["examples"] | ["examples", "--write"]:
            return examples.main(write="--write" in words)
        case _:
            sys.stderr.write(USAGE)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
