"""Tests of what is one call from Python."""
