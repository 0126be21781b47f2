"""Commands as one call from Python, with one module per domain that offers it."""
