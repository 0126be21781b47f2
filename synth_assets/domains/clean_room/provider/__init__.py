"""The e-wallet provider's model: who has the wallet, and what they paid with it.

``people`` has what follows from a person alone, ``account_holders`` says who has the wallet and
``account_tier_model`` which tier they have;
``checks`` has what the provider's tables share. The tables are in ``tables``.
"""
