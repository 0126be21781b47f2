"""Tests of commands as one call from Python."""
