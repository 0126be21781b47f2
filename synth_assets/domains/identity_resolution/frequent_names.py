"""Published shares of last names, and where the other last names of a market come from."""

from __future__ import annotations

from collections.abc import Mapping

# Most frequent last names, percent of the population. US: Census Bureau, surnames of 2010. GB: as
# Faker. DE: telephone directories, rounded up (assumption). FR: INSEE, births 1891-2000. CA,
# French: Institut de la statistique du Quebec, 2006. ES: INE, first surname, 2023 (2.98% García in
# 2024). IT, IN, MX: assumption. BR: IBGE, 2022, halved, since most people have two. KR: Statistics
# Korea, 2015. CN: Ministry of Public Security, 2020. JP: as Faker.
FREQUENT: Mapping[str, Mapping[str, float]] = {
    "en_US": {
        "Smith": 0.83, "Johnson": 0.66, "Williams": 0.55, "Brown": 0.49, "Jones": 0.48,
        "Garcia": 0.40, "Miller": 0.39, "Davis": 0.38, "Rodriguez": 0.37, "Martinez": 0.36,
        "Hernandez": 0.35, "Lopez": 0.30, "Gonzalez": 0.29, "Wilson": 0.27, "Anderson": 0.27,
    },
    "fr_FR": {
        "Martin": 0.35, "Bernard": 0.18, "Thomas": 0.17, "Petit": 0.16, "Robert": 0.16,
        "Richard": 0.16, "Durand": 0.14, "Dubois": 0.15, "Moreau": 0.15, "Laurent": 0.14,
    },
    "fr_CA": {
        "Tremblay": 1.08, "Gagnon": 0.79, "Roy": 0.75, "Côté": 0.69, "Bouchard": 0.53,
        "Gauthier": 0.52, "Morin": 0.50, "Lavoie": 0.46, "Fortin": 0.45, "Gagné": 0.45,
    },
    "de_DE": {
        "Müller": 0.95, "Schmidt": 0.69, "Schneider": 0.40, "Fischer": 0.35, "Weber": 0.30,
        "Meyer": 0.29, "Wagner": 0.27, "Becker": 0.26, "Schulz": 0.26, "Hoffmann": 0.25,
    },
    "es_ES": {
        "García": 3.06, "Rodríguez": 1.95, "González": 1.95, "Fernández": 1.90, "López": 1.83,
        "Martínez": 1.75, "Sánchez": 1.72, "Pérez": 1.63, "Gómez": 1.03, "Martín": 1.02,
    },
    "it_IT": {
        "Rossi": 0.30, "Russo": 0.22, "Ferrari": 0.20, "Esposito": 0.18, "Bianchi": 0.16,
        "Romano": 0.16, "Colombo": 0.15, "Ricci": 0.13, "Marino": 0.13, "Greco": 0.12,
    },
    "pt_BR": {
        "Silva": 8.4, "Santos": 5.2, "Oliveira": 3.0, "Souza": 2.6, "Pereira": 1.9,
        "Ferreira": 1.5, "Lima": 1.5, "Alves": 1.5, "Rodrigues": 1.4, "Costa": 1.3,
    },
    "es_MX": {
        "Hernández": 3.9, "García": 3.0, "Martínez": 2.9, "López": 2.8, "González": 2.6,
        "Rodríguez": 2.1, "Pérez": 2.1, "Sánchez": 1.9, "Ramírez": 1.8, "Cruz": 1.5,
    },
    "en_IN": {
        "Kumar": 4.0, "Singh": 3.0, "Sharma": 1.2, "Gupta": 0.8, "Patel": 0.8, "Das": 0.7,
        "Khan": 0.7, "Yadav": 0.6, "Reddy": 0.6, "Verma": 0.5,
    },
    "ko_KR": {
        "김": 21.5, "이": 14.7, "박": 8.4, "최": 4.7, "정": 4.3, "강": 2.4, "조": 2.1,
        "윤": 2.1, "장": 2.0, "임": 1.7,
    },
    "zh_CN": {"王": 7.2, "李": 7.2, "张": 6.8, "刘": 5.4, "陈": 4.5},
}  # fmt: skip
# Share of the population that the listed last names of a market cover together: about 40% have one
# of the thousand most frequent in the US (Census Bureau, 2010). The others have one of OTHERS.
COVERED = {"en_US": 0.40, "en_CA": 0.30, "en_AU": 0.36, "en_GB": 0.40, "de_DE": 0.45,
           "fr_FR": 0.35, "fr_CA": 0.60}  # fmt: skip
OTHERS = {
    "en_US": ("en_GB", "es_MX", "de_DE", "it_IT", "fr_FR", "pl_PL", "es_ES", "no_NO", "en_IN"),
    "en_CA": ("en_GB", "fr_CA", "de_DE", "it_IT", "en_IN", "pl_PL"),
    "en_AU": ("en_GB", "it_IT", "de_DE", "en_IN", "pl_PL"),
    "en_GB": ("en_US", "pl_PL", "en_IN", "it_IT"),
    "de_DE": ("de_AT", "pl_PL", "it_IT", "nl_NL"),
    "fr_FR": ("fr_CH", "es_ES", "it_IT"),
    "fr_CA": ("fr_FR", "en_US"),
}
# Names of families that have a romanization of their own.
ROMANIZED = {
    "김": "kim", "이": "lee", "박": "park", "최": "choi", "정": "jung", "조": "cho", "임": "lim",
    "강": "kang",
}  # fmt: skip
