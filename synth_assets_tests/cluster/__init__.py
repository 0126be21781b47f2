"""A cluster of processes on this machine, and what its workers make."""
