"""Declarations of domains, written from tables that exist elsewhere.

- ``sources`` recognizes a source; ``ddl``, ``postgres``, ``duckdb_file``, ``files``, ``dbt`` and
  ``odcs`` each read one kind. All of them return what ``found`` defines. ``yaml_document`` reads
  files of any form, ``dbt_forms`` has those of dbt, ``odcs_columns`` columns of contracts;
  ``csv_header`` and ``csv_values`` say what the lines of a CSV file are.
- ``statements`` splits a text of DDL, ``parsing`` reads each statement; ``alterations`` and
  ``indexes`` write those of ``alter table`` and of unique indexes as it reads them. ``ddl_table``
  has a table with its ``constraints``; ``types``, ``user_types``, ``sequences``, ``conditions``,
  ``divisions`` and ``formula_types`` interpret SQL.
- ``keys`` adds the keys and references that names suggest where a source declares none.
- ``profile`` measures rows and returns aggregates that ``disclosure`` allows, and nothing else.
- ``partitioning`` has what users ask for, ``partitioned`` what follows of it for every table.
- ``names`` says what names of columns suggest, ``structure`` how tables relate. ``columns`` decides
  the generator of each column (``amounts`` and ``fitting``, ``moments`` and ``orders``, ``texts``,
  ``distinct``, ``key_parts``), ``tables`` rows and checks, ``declaration`` the domain, of which
  ``trial`` makes rows before it is written. ``yaml_text`` and ``report`` write it.

A new kind of source is a module that returns ``FoundSchema``, and an entry in ``sources``. This
package makes no rows: ``declarative`` compiles what is written here.
"""
