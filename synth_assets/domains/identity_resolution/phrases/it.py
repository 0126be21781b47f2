"""Italian phrases."""

from __future__ import annotations

from synth_assets.domains.identity_resolution.phrases.kinds import Phrases

PHRASES = Phrases(
    openings=(
        (
            "Una delusione.",
            "Non lo consiglio.",
            "L'ho restituito subito.",
            "Non vale il prezzo.",
            "Mi aspettavo di più.",
            "Pessimo acquisto.",
        ),
        (
            "Va bene, niente di più.",
            "Fa il suo dovere.",
            "Giudizio a metà.",
            "Discreto per il prezzo.",
            "Né buono né cattivo.",
            "Nella media.",
        ),
        (
            "Ottimo acquisto.",
            "Proprio quello che cercavo.",
            "Tutto perfetto.",
            "Meglio del previsto.",
            "Lo adoro!",
            "Lo ricomprerei.",
        ),
    ),
    aspects=(
        (
            "la batteria",
            "lo schermo",
            "l'audio",
            "la configurazione",
            "la costruzione",
            "il software",
        ),
        ("la vestibilità", "il tessuto", "la cucitura", "il colore", "il taglio", "la taglia"),
        (
            "la finitura",
            "il materiale",
            "il montaggio",
            "la dimensione",
            "il design",
            "l'imballaggio",
        ),
        (
            "il profumo",
            "la consistenza",
            "il flacone",
            "la tenuta",
            "la composizione",
            "la sensazione sulla pelle",
        ),
        ("la presa", "il peso", "l'imbottitura", "la robustezza", "la regolazione", "la custodia"),
    ),
    praise=(
        "Il meglio: {x}.",
        "Mi piace molto {x}.",
        "Da lodare {x}.",
        "Niente da dire contro {x}.",
    ),
    blame=("Il problema è {x}.", "Punto debole: {x}.", "Non mi convince {x}.", "Da rivedere {x}."),
    uses=(
        "",
        "",
        "Era un regalo.",
        "Lo uso da due settimane.",
        "Lo uso quasi ogni giorno.",
        "Consegna veloce.",
        "Preso in offerta.",
        "Ce l'ho da un mese.",
    ),
    closings=(
        (
            "Meglio evitare.",
            "Ho chiesto il rimborso.",
            "L'assistenza non risponde.",
            "",
            "Peccato.",
            "Meglio spendere qualcosa in più.",
        ),
        (
            "Vedremo quanto dura.",
            "Tre stelle.",
            "",
            "In offerta va bene.",
            "Si ha quel che si paga.",
            "Forse proverò un'altra marca.",
        ),
        (
            "Consigliato.",
            "Ne ho già ordinato un altro.",
            "",
            "Buon rapporto qualità-prezzo.",
            "Cinque stelle.",
            "Grazie!",
        ),
    ),
    durations=("Lo uso da due settimane.", "Ce l'ho da un mese."),
    stars={"Tre stelle.": 3, "Cinque stelle.": 5},
    titles=(
        ("Da evitare", "Soldi buttati", "Rotto subito", "Pessimo", "Restituito"),
        ("Deludente", "Si può fare meglio", "Non fa per me", "Qualche difetto", "Così così"),
        ("Discreto", "Nella media", "Fa il suo dovere", "Onesto per il prezzo", "Né sì né no"),
        ("Buon acquisto", "Contenti", "Buona qualità", "Bene", "Consigliato"),
        ("Perfetto", "Eccellente", "Fantastico", "Oltre le attese", "Miglior acquisto"),
    ),
)
