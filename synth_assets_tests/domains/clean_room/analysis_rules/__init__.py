"""Tests of the rules and of the engine that enforces them."""
