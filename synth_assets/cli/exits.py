"""Exit codes of the command, documented in its help and in the README."""

GATE_FAILED = 1
BAD_INPUT = 2
RUN_FAILED = 3
INTERRUPTED = 130
ON_INTERRUPTION = "interrupted: what was finished is kept, the rest is as it was before"
