"""What companies are called, and who reads their mail."""

from __future__ import annotations

# What companies are called after the founder's name, and who reads their mail, by language.
TRADES = ("-logistics", "-consulting", "-foods", "-systems", "-design", "-motors", "-dental",
          "-legal", "-media", "-travel", "-build", "-energy", "-labs", "-partners", "-group",
          "-trading", "-services", "-studio", "-care", "-tech")  # fmt: skip
OFFICES = {
    "en": ("orders@", "office@", "accounts@", "info@"),
    "de": ("info@", "kontakt@", "einkauf@", "office@"),
    "fr": ("contact@", "commandes@", "bureau@", "info@"),
    "es": ("info@", "compras@", "ventas@", "contacto@"),
    "it": ("info@", "ordini@", "acquisti@", "ufficio@"),
    "pt": ("contato@", "compras@", "vendas@", "info@"),
    "ja": ("info@", "order@", "office@", "contact@"),
    "zh": ("info@", "sales@", "office@", "service@"),
    "ko": ("info@", "sales@", "office@", "contact@"),
}
# Offices of a language.
OFFICE_COUNT = 4
