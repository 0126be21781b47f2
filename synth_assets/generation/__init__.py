"""What a table is, and how chance works.

Lives here: draws, permutations, vocabularies, noise, growth, slicings, schemas, rules,
tables, domains, scenarios. Keep out: anything that names one domain, anything that writes
(that is a store), anything that imports dagster (that is orchestration).
Read in this order: ``draws``, ``runs``, ``slicing``, ``table``.
"""
