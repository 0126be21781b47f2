"""An identity graph: households, people, devices, content and campaigns, in ten linked tables.

``scenario`` has the settings and ``model`` the simulation's state, which rests on ``demography``
(ages and attributes that agree), ``incomes``, ``activity`` and ``gazetteer``; ``timing`` says when
things happen. ``sessions`` generates engagements; ``campaign_plan``, ``campaign_delivery``,
``campaign_responses`` and ``attribution`` lead from campaigns to outcomes. ``audience`` summarizes
stored engagements, and ``audience_scores`` computes attributes from the summaries. ``tables`` has
one module per table.
"""
