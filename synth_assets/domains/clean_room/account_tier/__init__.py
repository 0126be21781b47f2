"""Collaborative ML: the provider predicts its account tiers from the merchant's data on users.

``features`` checks frames, ``split`` holds users out, ``training`` fits a multinomial logistic
regression, ``predictor`` is the trained model and predicts in the columns of BigQuery's
``ML.PREDICT``, ``evaluation`` scores it on held-out users and ``plots`` draws the scores,
``storage`` writes it as a text that runs no code. ``enriched`` joins the two parties' tables.
``bigquery`` has the statements that do the same in BigQuery, and ``bigquery_tables`` the tables
that they fill. The other tables are in ``tables``. The model that assigns the true tiers is in
``provider.account_tier_model``.
"""
