"""Postal codes: ``areas`` says which ones a city's region has, ``codes`` assigns them."""
