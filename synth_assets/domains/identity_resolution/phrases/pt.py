"""Portuguese phrases."""

from __future__ import annotations

from synth_assets.domains.identity_resolution.phrases.kinds import Phrases

PHRASES = Phrases(
    openings=(
        (
            "Uma decepção.",
            "Não recomendo.",
            "Devolvi na hora.",
            "Não vale o preço.",
            "Esperava mais.",
            "Péssima compra.",
        ),
        (
            "Razoável.",
            "Cumpre o que promete, só isso.",
            "Tenho dúvidas.",
            "Ok pelo preço.",
            "Nem bom nem ruim.",
            "Mais ou menos.",
        ),
        (
            "Ótima compra.",
            "Era o que eu procurava.",
            "Tudo certo.",
            "Melhor do que eu esperava.",
            "Amei!",
            "Compraria de novo.",
        ),
    ),
    aspects=(
        ("a bateria", "a tela", "o som", "a configuração", "o acabamento", "o aplicativo"),
        ("o caimento", "o tecido", "a costura", "a cor", "o comprimento", "o tamanho"),
        ("o acabamento", "o material", "a montagem", "o tamanho", "o design", "a embalagem"),
        ("o cheiro", "a textura", "o frasco", "a cobertura", "a fórmula", "a sensação na pele"),
        ("a pegada", "o peso", "o estofamento", "a resistência", "o ajuste", "a bolsa"),
    ),
    praise=("O melhor é {x}.", "Gostei muito: {x}.", "Destaque para {x}.", "Nada contra {x}."),
    blame=("O problema é {x}.", "Ponto fraco: {x}.", "Não gostei: {x}.", "Precisam melhorar {x}."),
    uses=(
        "",
        "",
        "Era um presente.",
        "Uso há duas semanas.",
        "Uso quase todo dia.",
        "Chegou rápido.",
        "Comprei na promoção.",
        "Tenho há um mês.",
    ),
    closings=(
        (
            "Evitem.",
            "Pedi o dinheiro de volta.",
            "O atendimento não responde.",
            "",
            "Uma pena.",
            "Vale gastar um pouco mais.",
        ),
        (
            "Vamos ver quanto dura.",
            "Três estrelas.",
            "",
            "Na promoção vale.",
            "O preço explica.",
            "Talvez eu tente outra marca.",
        ),
        (
            "Recomendo.",
            "Já pedi outro.",
            "",
            "Ótimo custo-benefício.",
            "Cinco estrelas.",
            "Nota dez!",
        ),
    ),
    durations=("Uso há duas semanas.", "Tenho há um mês."),
    stars={"Três estrelas.": 3, "Cinco estrelas.": 5, "Nota dez!": 5},
    titles=(
        ("Não comprem", "Dinheiro jogado fora", "Quebrou logo", "Péssimo", "Devolvi"),
        ("Decepcionante", "Pode melhorar", "Não é para mim", "Com defeitos", "Fraco"),
        ("Razoável", "Na média", "Cumpre", "Justo pelo preço", "Mais ou menos"),
        ("Boa compra", "Gostei", "Boa qualidade", "Muito bom", "Recomendo"),
        ("Perfeito", "Excelente", "Maravilhoso", "Superou o esperado", "Melhor compra"),
    ),
)
