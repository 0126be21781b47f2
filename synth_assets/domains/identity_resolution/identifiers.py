"""The columns of the sources that hold identifiers, which a resolver may use."""

from __future__ import annotations

EMAIL, PHONE, LOYALTY_ID = "email", "phone", "loyalty_id"
DEVICE_ID, PAYMENT_TOKEN, ADDRESS_HASH = "device_id", "payment_token", "address_hash"
TYPES = (EMAIL, PHONE, LOYALTY_ID, DEVICE_ID, PAYMENT_TOKEN, ADDRESS_HASH)

# Column of each identifier, by table.
IDENTIFIERS: dict[str, dict[str, str]] = {
    "crm_customers": {EMAIL: "email", PHONE: "phone", LOYALTY_ID: "loyalty_id"},
    "ecom_transactions": {
        EMAIL: "email",
        PHONE: "phone",
        PAYMENT_TOKEN: "payment_token",
        ADDRESS_HASH: "shipping_address_hash",
    },
    "loyalty_members": {EMAIL: "email", PHONE: "phone", LOYALTY_ID: "loyalty_id"},
    "mobile_app_users": {EMAIL: "email", PHONE: "phone", DEVICE_ID: "device_id"},
    "pos_transactions": {LOYALTY_ID: "loyalty_id", PAYMENT_TOKEN: "payment_token"},
    "survey_responses": {EMAIL: "email"},
    "product_reviews": {EMAIL: "reviewer_email"},
}
