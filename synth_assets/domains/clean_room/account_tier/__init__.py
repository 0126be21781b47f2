"""Collaborative ML: the provider predicts its account tiers from what the merchant knows of users.

``features`` says which frames are taken, ``training`` fits a multinomial logistic regression,
``predictor`` is what was learnt and predicts in the columns of BigQuery's ``ML.PREDICT``,
``evaluation`` judges it on users it has not seen and ``plots`` shows that, ``storage`` keeps it in
a file that runs no code, ``bigquery`` has the statements that do the same there. What joins the
two parties' tables is not here: frames come in joined.
"""
