"""How far a stream was sent, in a file, so that a later replay goes on from there.

The file is replaced after each batch that the target has confirmed. A replay that is killed between
the two sends that batch again: at least once, as with any connector.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from synth_assets.core.errors import UserError


@dataclass(frozen=True)
class PositionFile:
    """The file of a position.

    Attributes:
        path: Where it is.
        stream: What is played: another stream's position would be wrong.
    """

    path: Path
    stream: Mapping[str, object]

    def read(self) -> int:
        """How many events were sent; 0 without a file.

        Raises:
            UserError: The file is of another stream, or damaged.
        """
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))
            stream, sent = dict(found["stream"]), int(found["sent"])
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise UserError(f"cannot read --position {self.path}: {error.strerror}") from None
        except (ValueError, KeyError, TypeError):
            raise UserError(f"--position {self.path}: is no position of a replay") from None
        other = [n for n in {**self.stream, **stream} if stream.get(n) != self.stream.get(n)]
        if other:
            raise UserError(
                f"--position {self.path}: is of another stream (different: {', '.join(other)}); "
                "give the same options, or remove the file to begin anew"
            )
        return sent

    def write(self, sent: int) -> None:
        """Records how many events were sent, atomically.

        Args:
            sent: Events from the first of the stream on.

        Raises:
            UserError: The file cannot be written.
        """
        text = json.dumps({"sent": sent, "stream": self.stream}, indent=2) + "\n"
        unfinished = self.path.with_name(f".{self.path.name}.{os.getpid()}.tmp")
        try:
            unfinished.write_text(text, encoding="utf-8")
            unfinished.replace(self.path)
        except OSError as error:
            unfinished.unlink(missing_ok=True)
            raise UserError(f"cannot write --position {self.path}: {error.strerror}") from None
