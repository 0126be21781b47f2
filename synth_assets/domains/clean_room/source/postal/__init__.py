"""Postal codes of places: ``areas`` says which codes a city's region has, ``codes`` assigns them."""
