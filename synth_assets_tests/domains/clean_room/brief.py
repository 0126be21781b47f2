"""The requested statements, verbatim."""

from __future__ import annotations

TRANSACTION_VERIFICATION = """
    -- This query returns the list of order_ids that exist in both datasets,
    -- demonstrating a classic "list overlap" scenario in a data clean room.
    SELECT DISTINCT
        m.order_id
    FROM
        `your-merchant-project.merchant_provider.orders` AS m
    INNER JOIN
        `your-provider-project.ewallet_provider.transactions` AS p
        ON m.order_id = p.order_id;
"""
CUSTOMER_SEGMENTATION = """
    -- This query segments customers by the provider's account tier
    -- and calculates the average order value for each tier.
    -- Results will only show tiers with sufficient user counts to meet privacy thresholds.
    SELECT
        p.account_tier,
        AVG(t.transaction_amount) AS average_order_value,
        COUNT(DISTINCT u.id) AS number_of_customers
    FROM
        `your-merchant-project.merchant_provider.users` AS u
    JOIN
        `your-provider-project.ewallet_provider.provider_users` AS p ON u.email = p.email
    JOIN
        `your-merchant-project.merchant_provider.orders` AS o ON u.id = o.user_id
    JOIN
        `your-provider-project.ewallet_provider.transactions` AS t ON o.order_id = t.order_id
    GROUP BY 1
    HAVING COUNT(DISTINCT u.id) >= 50  -- Example threshold for demo purposes
    ORDER BY 2 DESC;
"""
TRUST_ANALYSIS = """
    -- This query counts the number of verified vs. unverified users
    -- who have made purchases. Results will only show if both groups
    -- meet the minimum threshold requirements.
    SELECT
        p.is_verified_user,
        COUNT(DISTINCT u.id) AS number_of_customers
    FROM
        `your-merchant-project.merchant_provider.users` AS u
    JOIN
        `your-provider-project.ewallet_provider.provider_users` AS p ON u.email = p.email
    GROUP BY 1
    HAVING COUNT(DISTINCT u.id) >= 50;  -- Example threshold for demo purposes
"""
USER_ENRICHMENT = """
    -- This query returns demographic enrichment data for users who exist
    -- in both the provider's and merchant's datasets, demonstrating list overlap.
    SELECT DISTINCT
        p.provider_user_id,
        m.age,
        m.gender,
        m.country AS merchant_customer_country,
        m.traffic_source
    FROM
        `your-provider-project.ewallet_provider.provider_users` AS p
    JOIN
        `your-merchant-project.merchant_provider.users` AS m ON p.email = m.email;
"""
QUERIES = {
    "transaction_verification": TRANSACTION_VERIFICATION,
    "customer_segmentation": CUSTOMER_SEGMENTATION,
    "trust_analysis": TRUST_ANALYSIS,
    "user_enrichment": USER_ENRICHMENT,
}
CREATE_MODEL = """
    CREATE OR REPLACE MODEL `your-provider-project.ewallet_provider.account_tier_predictor`
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
      `your-provider-project.ewallet_provider.provider_users` p
    JOIN
      `your-merchant-project.merchant_provider.users` m ON p.email = m.email;
"""
PREDICT = """
    SELECT
      provider_user_id,
      email,
      predicted_account_tier,
      predicted_account_tier_probs
    FROM
      ML.PREDICT(MODEL `your-provider-project.ewallet_provider.account_tier_predictor`,
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
            `your-provider-project.ewallet_provider.provider_users_inference` p
          JOIN
            `your-merchant-project.merchant_provider.users_inference` m ON p.email = m.email
        )
      );
"""
MODEL = {"create_model": CREATE_MODEL, "predict": PREDICT}
