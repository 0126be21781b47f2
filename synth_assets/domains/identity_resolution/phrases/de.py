"""German phrases."""

from __future__ import annotations

from synth_assets.domains.identity_resolution.phrases.kinds import Phrases

PHRASES = Phrases(
    openings=(
        (
            "Leider enttäuscht.",
            "Nicht zu empfehlen.",
            "Ging direkt zurück.",
            "Das Geld nicht wert.",
            "Hatte mir mehr erhofft.",
            "Nie wieder.",
        ),
        (
            "Ganz okay.",
            "Erfüllt seinen Zweck.",
            "Für den Preis in Ordnung.",
            "Durchwachsen.",
            "Weder gut noch schlecht.",
            "Kann man kaufen.",
        ),
        (
            "Bin sehr zufrieden.",
            "Genau das, was ich gesucht habe.",
            "Klare Kaufempfehlung.",
            "Besser als erwartet.",
            "Einfach super!",
            "Würde ich wieder bestellen.",
        ),
    ),
    aspects=(
        (
            "die Akkulaufzeit",
            "das Display",
            "die Klangqualität",
            "die Einrichtung",
            "die Verarbeitung",
            "die Software",
        ),
        (
            "die Passform",
            "das Material",
            "die Verarbeitung der Nähte",
            "die Farbe",
            "die Länge",
            "die Größe",
        ),
        (
            "die Verarbeitung",
            "das Material",
            "die Montage",
            "die Größe",
            "die Optik",
            "die Verpackung",
        ),
        (
            "die Duftnote",
            "die Konsistenz",
            "die Flasche",
            "die Deckkraft",
            "die Verträglichkeit",
            "das Hautgefühl",
        ),
        (
            "die Griffigkeit",
            "das Gewicht",
            "die Polsterung",
            "die Haltbarkeit",
            "die Einstellung",
            "die Tragetasche",
        ),
    ),
    praise=(
        "Besonders gut: {x}.",
        "Top ist {x}.",
        "Mir gefällt vor allem {x}.",
        "Positiv überrascht hat mich {x}.",
    ),
    blame=(
        "Problem: {x}.",
        "Schwachpunkt ist {x}.",
        "Mich stört vor allem {x}.",
        "Nicht überzeugt hat mich {x}.",
    ),
    uses=(
        "",
        "",
        "War ein Geschenk.",
        "Seit zwei Wochen im Einsatz.",
        "Nutze es fast täglich.",
        "Schnelle Lieferung.",
        "Im Angebot gekauft.",
        "Habe es seit einem Monat.",
    ),
    closings=(
        (
            "Finger weg.",
            "Geld zurück verlangt.",
            "Der Kundendienst antwortet nicht.",
            "",
            "Schade.",
            "Lieber etwas mehr ausgeben.",
        ),
        (
            "Mal sehen, wie lange es hält.",
            "Drei Sterne.",
            "",
            "Im Angebot okay.",
            "Man bekommt, was man bezahlt.",
            "Nächstes Mal vielleicht eine andere Marke.",
        ),
        (
            "Gerne wieder.",
            "Habe gleich ein zweites bestellt.",
            "",
            "Preis und Leistung stimmen.",
            "Fünf Sterne.",
            "Absolut empfehlenswert.",
        ),
    ),
    durations=("Seit zwei Wochen im Einsatz.", "Habe es seit einem Monat."),
    stars={"Drei Sterne.": 3, "Fünf Sterne.": 5},
    titles=(
        ("Finger weg", "Geldverschwendung", "Sofort kaputt", "Katastrophe", "Zurückgeschickt"),
        ("Enttäuschend", "Ausbaufähig", "Nicht meins", "Mit Mängeln", "Naja"),
        ("Geht so", "Durchschnitt", "Erfüllt den Zweck", "Okay für den Preis", "Gemischt"),
        ("Guter Kauf", "Zufrieden", "Solide Qualität", "Gut", "Empfehlenswert"),
        ("Perfekt", "Ausgezeichnet", "Begeistert", "Besser als erwartet", "Absolut top"),
    ),
)
