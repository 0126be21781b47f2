"""French phrases."""

from __future__ import annotations

from synth_assets.domains.identity_resolution.phrases.kinds import Phrases

PHRASES = Phrases(
    openings=(
        (
            "Très mauvaise surprise.",
            "À éviter.",
            "Je l'ai renvoyé tout de suite.",
            "Ne vaut pas son prix.",
            "Je m'attendais à mieux.",
            "Une vraie déception.",
        ),
        (
            "Correct.",
            "Fait le travail, sans plus.",
            "Avis partagé.",
            "Pas mal pour le prix.",
            "Ni bon ni mauvais.",
            "Moyen.",
        ),
        (
            "Très bon achat.",
            "Exactement ce que je cherchais.",
            "Rien à redire.",
            "Mieux que prévu.",
            "J'adore !",
            "Je rachèterais sans hésiter.",
        ),
    ),
    aspects=(
        ("l'autonomie", "l'écran", "le son", "l'installation", "la fabrication", "le logiciel"),
        ("la coupe", "le tissu", "la couture", "la couleur", "la longueur", "la taille"),
        ("la finition", "la matière", "le montage", "la taille", "le design", "l'emballage"),
        (
            "le parfum",
            "la texture",
            "le flacon",
            "la tenue",
            "la composition",
            "le toucher sur la peau",
        ),
        (
            "la prise en main",
            "le poids",
            "le rembourrage",
            "la solidité",
            "le réglage",
            "le sac de transport",
        ),
    ),
    praise=(
        "Point fort : {x}.",
        "J'aime surtout {x}.",
        "Mention spéciale pour {x}.",
        "Ce qui me plaît : {x}.",
    ),
    blame=(
        "Point faible : {x}.",
        "Ce qui gêne, c'est {x}.",
        "À revoir : {x}.",
        "Je n'aime pas {x}.",
    ),
    uses=(
        "",
        "",
        "C'était un cadeau.",
        "Utilisé depuis deux semaines.",
        "Je m'en sers tous les jours.",
        "Livraison rapide.",
        "Acheté en promotion.",
        "Je l'ai depuis un mois.",
    ),
    closings=(
        (
            "Passez votre chemin.",
            "J'ai demandé un remboursement.",
            "Le service client ne répond pas.",
            "",
            "Dommage.",
            "Mieux vaut payer un peu plus.",
        ),
        (
            "À voir dans le temps.",
            "Trois étoiles.",
            "",
            "Correct en promotion.",
            "On en a pour son argent.",
            "Je prendrai peut-être une autre marque.",
        ),
        (
            "Je recommande.",
            "J'en ai commandé un deuxième.",
            "",
            "Bon rapport qualité-prix.",
            "Cinq étoiles.",
            "Merci !",
        ),
    ),
    durations=("Utilisé depuis deux semaines.", "Je l'ai depuis un mois."),
    stars={"Trois étoiles.": 3, "Cinq étoiles.": 5},
    titles=(
        ("À fuir", "Argent perdu", "Cassé tout de suite", "Nul", "Renvoyé"),
        ("Décevant", "Peut mieux faire", "Pas pour moi", "Quelques défauts", "Bof"),
        ("Correct", "Moyen", "Fait le travail", "Honnête pour le prix", "Avis partagé"),
        ("Bon achat", "Content du produit", "Bonne qualité", "Bien", "À recommander"),
        ("Parfait", "Excellent", "Génial", "Au-delà de mes attentes", "Coup de cœur"),
    ),
)
