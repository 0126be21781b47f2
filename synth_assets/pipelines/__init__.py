"""What a command does, in one call from Python: one module a domain that offers it."""
