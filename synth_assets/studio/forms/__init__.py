"""Forms made from pydantic models: no field of a model is named here.

``fields`` describes the fields, ``values`` reads and writes nested values and their differences,
``shares`` keeps shares that sum to one, ``widgets`` draws a field, ``form`` a group of them with
their errors, ``drafts`` keeps what was entered.
"""
