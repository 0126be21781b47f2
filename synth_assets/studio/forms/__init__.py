"""Forms made from pydantic models: no field of a model is named here.

``fields`` describes the fields; ``values`` reads and writes nested values and their differences;
``shares`` keeps shares that sum to one, and ``share_widgets`` draws them; ``widgets`` draws any
field with its errors; ``form`` has what was entered, and ``drafts`` keeps it.
"""
