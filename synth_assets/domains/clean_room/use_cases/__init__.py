"""The use cases: queries of a party over the other party's data, under the analysis rules.

``sharing`` has the use cases' form, the names of tables and views, and opens the clean room;
``policies`` the policies; ``budgets`` the accounts of privacy budgets; ``answers`` the tables of
answers; ``guidance`` messages for queries over the tables themselves. A use case with a table is in
the table's module, the one without is ``private_counts``.
"""
