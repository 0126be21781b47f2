"""Spanish phrases."""

from __future__ import annotations

from synth_assets.domains.identity_resolution.phrases.kinds import Phrases

PHRASES = Phrases(
    openings=(
        (
            "Una decepción.",
            "No lo recomiendo.",
            "Lo devolví enseguida.",
            "No vale lo que cuesta.",
            "Esperaba más.",
            "Mala compra.",
        ),
        (
            "Está bien, sin más.",
            "Cumple su función.",
            "Opinión dividida.",
            "Aceptable por el precio.",
            "Ni bueno ni malo.",
            "Normal.",
        ),
        (
            "Muy buena compra.",
            "Justo lo que buscaba.",
            "Todo perfecto.",
            "Mejor de lo que esperaba.",
            "¡Me encanta!",
            "Lo volvería a comprar.",
        ),
    ),
    aspects=(
        ("la batería", "la pantalla", "el sonido", "la configuración", "el acabado", "el software"),
        ("el corte", "la tela", "la costura", "el color", "el largo", "la talla"),
        ("el acabado", "el material", "el montaje", "el tamaño", "el diseño", "el embalaje"),
        (
            "el aroma",
            "la textura",
            "el envase",
            "el tono",
            "la composición",
            "la sensación en la piel",
        ),
        (
            "el agarre",
            "el peso",
            "el acolchado",
            "la resistencia",
            "el ajuste",
            "la bolsa de transporte",
        ),
    ),
    praise=("Lo mejor: {x}.", "Me gusta mucho {x}.", "Destaca {x}.", "Nada que objetar sobre {x}."),
    blame=(
        "Lo peor: {x}.",
        "El punto débil es {x}.",
        "No me convence {x}.",
        "Deberían mejorar {x}.",
    ),
    uses=(
        "",
        "",
        "Era para un regalo.",
        "Lo uso desde hace dos semanas.",
        "Lo uso casi a diario.",
        "Llegó muy rápido.",
        "Lo compré en oferta.",
        "Lo tengo desde hace un mes.",
    ),
    closings=(
        (
            "Mejor evitarlo.",
            "Pedí el reembolso.",
            "Nadie responde en atención al cliente.",
            "",
            "Una pena.",
            "Mejor gastar un poco más.",
        ),
        (
            "Veremos cuánto dura.",
            "Tres estrellas.",
            "",
            "Bien si está en oferta.",
            "Lo que pagas es lo que recibes.",
            "Quizá pruebe otra marca.",
        ),
        (
            "Lo recomiendo.",
            "Ya pedí otro.",
            "",
            "Buena relación calidad-precio.",
            "Cinco estrellas.",
            "¡Gracias!",
        ),
    ),
    durations=("Lo uso desde hace dos semanas.", "Lo tengo desde hace un mes."),
    stars={"Tres estrellas.": 3, "Cinco estrellas.": 5},
    titles=(
        ("No lo compren", "Dinero tirado", "Se rompió enseguida", "Malísimo", "Devuelto"),
        ("Decepcionante", "Mejorable", "No es para mí", "Con fallos", "Regular"),
        ("Aceptable", "Normal", "Cumple", "Justo por el precio", "Ni fu ni fa"),
        ("Buena compra", "Satisfacción total", "Buena calidad", "Bien", "Recomendable"),
        ("Perfecto", "Excelente", "Me encanta", "Superó lo esperado", "La mejor compra"),
    ),
)
