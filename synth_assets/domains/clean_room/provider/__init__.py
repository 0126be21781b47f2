"""The e-wallet provider's part of the clean room: who has the wallet, and what they paid with it.

One module a table; ``holders`` says who has the wallet, ``standing`` what tier they are on.
"""
