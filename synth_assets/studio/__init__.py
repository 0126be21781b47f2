"""The studio: a Streamlit application that shows and starts what the other packages do.

It launches runs by Dagster's GraphQL API, reads tables through ``Stores`` and models through the
warehouse, read-only. Rules are not here: what a field allows is in the scenarios, what a query may
ask in the clean room, what a check measures in ``quality``. Dagster is not imported.

- ``server`` starts Streamlit; ``session`` has the script of a session. ``access`` says who may come
  in; ``same_origin`` refuses requests of other sites, ``login`` those without the password.
- ``context`` has what the command gave: stores, folders, Dagster's address.
- ``safe`` turns values of data into text that is never executed; ``frame`` shows a whole page.
- ``dagster_api`` speaks GraphQL; ``runs`` has what pages show of a run, ``latest`` the last ones.
- ``inventory`` counts what is stored; ``warehouse`` queries models; ``background`` does what pages
  do not wait for.
- ``theme`` has colours, ``look`` plots and exports, ``formats`` numbers as texts; ``states`` what a
  page says if something is missing.
- ``forms`` makes forms from pydantic models; ``dashboards`` has the queries of each dashboard;
  ``pages`` has one module per page.
"""
