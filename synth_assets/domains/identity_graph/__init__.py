"""An identity graph: households, people, devices, content and campaigns, in ten linked tables.

``scenario`` has what may be set, ``model`` who lives where and what drives them, ``demography`` how
ages and attributes agree, ``timing`` when things happen, ``reach`` whom campaigns reach, and
``audience`` what the stored engagements say; ``tables`` has one module a table.
"""
