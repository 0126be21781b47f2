"""The same model in BigQuery: the statements that train it and predict with it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from synth_assets.core.errors import UserError

# Including legacy project ids, which begin with the domain of an organisation.
PROJECT = re.compile(r"(?:[a-z0-9.-]{1,100}:)?[a-z][a-z0-9-]{0,62}")
NAME = re.compile(r"[A-Za-z0-9_]{1,1024}")
SUFFIX = re.compile(r"[A-Za-z0-9_]{0,100}")


@dataclass(frozen=True)
class BigQueryNames:
    """The names of the two parties' projects, data sets, table suffixes and the model."""

    merchant_project: str
    provider_project: str
    merchant_dataset: str = "merchant_provider"
    provider_dataset: str = "ewallet_provider"
    model: str = "account_tier_predictor"
    training_suffix: str = ""
    inference_suffix: str = "_inference"

    def __post_init__(self) -> None:
        """Refuse names that cannot be quoted with backticks."""
        letters = "letters, digits and underscores"
        for names, check, what in (
            (("merchant_project", "provider_project"), PROJECT, "a Google Cloud project id"),
            (("merchant_dataset", "provider_dataset", "model"), NAME, letters),
            (("training_suffix", "inference_suffix"), SUFFIX, f"{letters}, or nothing"),
        ):
            for name in names:
                value = getattr(self, name)
                if not isinstance(value, str) or not check.fullmatch(value):
                    raise UserError(f"{name} must be {what}, not {value!r:.100}")

    def merchant(self, table: str) -> str:
        """A quoted table of the merchant.

        Args:
            table: Its name, with suffix.
        """
        return f"`{self.merchant_project}.{self.merchant_dataset}.{table}`"

    def provider(self, table: str) -> str:
        """A quoted table or model of the provider.

        Args:
            table: Its name, with suffix.
        """
        return f"`{self.provider_project}.{self.provider_dataset}.{table}`"


def create_model(names: BigQueryNames) -> str:
    """``CREATE OR REPLACE MODEL`` on the training tables.

    Args:
        names: The names in BigQuery.
    """
    return f"""\
CREATE OR REPLACE MODEL {names.provider(names.model)}
OPTIONS(model_type='LOGISTIC_REG', input_label_cols=['account_tier']) AS
SELECT
  -- Features from the merchant's rich demographic data
  m.age,
  m.gender,
  m.state,
  m.country,
  m.traffic_source,
  -- Label from the provider's own data
  p.account_tier
FROM
  {names.provider("provider_users" + names.training_suffix)} p
JOIN
  {names.merchant("users" + names.training_suffix)} m ON p.email = m.email;
"""


def evaluate_query(names: BigQueryNames) -> str:
    """A query for one row: the model's scores on held-out users, and those of two baselines.

    The baselines are computed on the training tables: always the commonest tier, and the tiers'
    shares as probabilities.

    Args:
        names: The names in BigQuery.
    """
    model = names.provider(names.model)
    return f"""\
WITH shares AS (
  SELECT COUNT(*) AS users, COUNT(*) / SUM(COUNT(*)) OVER () AS share
  FROM
    {names.provider("provider_users" + names.training_suffix)} p
  JOIN
    {names.merchant("users" + names.training_suffix)} m ON p.email = m.email
  GROUP BY p.account_tier
)
SELECT
  '{model.strip("`")}' AS model,
  (SELECT SUM(users) FROM shares) AS users,
  accuracy,
  (SELECT MAX(share) FROM shares) AS baseline_accuracy,
  log_loss,
  (SELECT -SUM(share * LN(share)) FROM shares) AS baseline_log_loss,
  f1_score AS macro_f1,
  roc_auc,
  TO_JSON_STRING(ARRAY(
    SELECT AS STRUCT * FROM ML.CONFUSION_MATRIX(MODEL {model})
  )) AS confusion
FROM
  ML.EVALUATE(MODEL {model});
"""


def predict_query(names: BigQueryNames) -> str:
    """``SELECT … FROM ML.PREDICT`` on the inference tables.

    Args:
        names: The names in BigQuery.
    """
    return f"""\
SELECT
  provider_user_id,
  email,
  predicted_account_tier,
  predicted_account_tier_probs
FROM
  ML.PREDICT(MODEL {names.provider(names.model)},
    (
      SELECT
        p.provider_user_id,
        p.email,
        m.age,
        m.gender,
        m.state,
        m.country,
        m.traffic_source
      FROM
        {names.provider("provider_users" + names.inference_suffix)} p
      JOIN
        {names.merchant("users" + names.inference_suffix)} m ON p.email = m.email
    )
  );
"""
