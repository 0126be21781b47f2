"""Tests of the customer journey."""
