"""Collaborative ML: the provider predicts its account tiers from what the merchant knows of users.

``features`` says which frames are taken, ``training`` fits a multinomial logistic regression,
``predictor`` is what was learnt and predicts in the columns of BigQuery's ``ML.PREDICT``,
``evaluation`` judges it on users it has not seen and ``plots`` shows that, ``storage`` writes it as
a text that runs no code. ``enriched`` joins the two parties' tables; ``predictor_table`` and
``predictions_table`` are the assets. ``bigquery`` has the statements that do the same there, and
``bigquery_tables`` the same assets made by them.
"""
