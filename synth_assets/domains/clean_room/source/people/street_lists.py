"""Street names by culture: frequent words, and the patterns that make a street's name of a word.

The words are those of common streets (U.S. Census Bureau, How Common Is Your Street Name?; for
other countries a selection). ``House`` says how a house is numbered.
"""

from __future__ import annotations

from typing import NamedTuple


class Streets(NamedTuple):
    """The streets of a culture.

    Attributes:
        patterns: Names with the place of a word; repeated ones are more frequent.
        words: The words.
        house: The address with the places of ``street`` and ``number``.
        most: The highest number of a house.
    """

    patterns: tuple[str, ...]
    words: tuple[str, ...]
    house: str
    most: int


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.replace("_", " ") for word in text.split())


FRENCH = _words(
    """de_la_République Victor_Hugo Jean_Jaurès Pasteur de_la_Gare de_l'Église Voltaire Gambetta
    de_la_Liberté du_Château des_Écoles de_Verdun du_Moulin de_la_Fontaine Jules_Ferry Émile_Zola
    des_Lilas du_Stade Carnot Foch de_Paris du_Général_de_Gaulle des_Tilleuls de_la_Paix
    du_8_Mai_1945 du_11_Novembre Saint-Michel Saint-Jacques Lamartine Molière des_Roses
    du_Four du_Marché des_Jardins Pierre_Curie Marceau"""
)
SPANISH = _words(
    """Mayor Real Nueva Constitución Iglesia Sol San_José San_Juan San_Antonio Cervantes Goya
    Velázquez Colón Andalucía Madrid Valencia Europa Libertad Molino Fuente Rosario Carmen Santiago
    San_Miguel Ramón_y_Cajal Miguel_Hernández Federico_García_Lorca Picasso Olivo Jardines"""
)
STREETS = {
    "en_US": Streets(
        ("{} Street", "{} Street", "{} Avenue", "{} Avenue", "{} Drive", "{} Drive", "{} Road",
         "{} Lane", "{} Court", "{} Way", "{} Place", "North {} Street", "South {} Avenue",
         "East {} Street", "West {} Avenue", "{} Circle", "{} Boulevard"),
        _words(
            """Second Third First Fourth Park Fifth Main Sixth Oak Seventh Pine Maple Cedar Eighth
            Elm View Washington Ninth Lake Hill Walnut Spring North Ridge Lincoln Church Willow Mill
            Sunset Railroad Jackson Cherry West South Center Highland Johnson Forest River Meadow
            East Chestnut Franklin Jefferson Adams Madison Dogwood Hickory Spruce Poplar Birch
            Locust Laurel Valley Fairview Prospect Pleasant Grove College Liberty Cottonwood
            Magnolia Sycamore Ash Hillcrest Broad Market Union Cypress Juniper Aspen
            Canyon Mesa Ranch"""
        ),
        "{number} {street}", 9_999,
    ),
    "en_GB": Streets(
        ("{} Road", "{} Road", "{} Street", "{} Street", "{} Lane", "{} Avenue", "{} Close",
         "{} Drive", "{} Gardens", "{} Way", "{} Crescent", "{} Terrace"),
        _words(
            """High Station Church Victoria Park Green Manor Queens Kings Grange New Mill York
            Alexandra Albert Windsor Springfield George London Richmond School Grove West North
            The_Avenue Highfield Stanley Chester Broadway Mary Cross Alma Oak Elm Beech Chestnut
            Orchard Meadow Priory Abbey Albion Clarence Cambridge Oxford Warwick Salisbury Bath"""
        ),
        "{number} {street}", 220,
    ),
    "pt_BR": Streets(
        ("Rua {}", "Rua {}", "Rua {}", "Rua {}", "Avenida {}", "Travessa {}", "Alameda {}"),
        _words(
            """das_Flores Santo_Antônio São_José Quinze_de_Novembro Sete_de_Setembro Tiradentes
            Rui_Barbosa Dom_Pedro_II Getúlio_Vargas Castro_Alves São_João Duque_de_Caxias Brasil
            Santos_Dumont São_Paulo Bahia Paraná Minas_Gerais José_Bonifácio Rio_de_Janeiro
            Santa_Luzia São_Francisco Amazonas Goiás Ceará Marechal_Deodoro Marechal_Floriano
            Princesa_Isabel Treze_de_Maio Vinte_e_Um_de_Abril da_Paz da_Saudade Boa_Vista Bela_Vista
            Machado_de_Assis Olavo_Bilac dos_Ipês das_Palmeiras das_Acácias Primavera"""
        ),
        "{street}, {number}", 2_500,
    ),
    "fr_FR": Streets(
        ("rue {}", "rue {}", "rue {}", "rue {}", "avenue {}", "boulevard {}", "place {}",
         "chemin {}", "impasse {}"),
        FRENCH, "{number} {street}", 180,
    ),
    "fr_BE": Streets(
        ("Rue {}", "Rue {}", "Rue {}", "Avenue {}", "Chaussée {}", "Place {}"),
        FRENCH, "{street} {number}", 250,
    ),
    "nl_BE": Streets(
        ("{}straat", "{}straat", "{}straat", "{}laan", "{}weg", "{}dreef"),
        _words(
            """Kerk School Molen Station Nieuw Dorps Kapel Veld Berg Hoog Bos Linden Eiken Beuken
            Rozen Kasteel Markt Leopold Albert Brug Wijngaard Meer Zand Heide Groen Brussel Gent
            Mechel Park Acacia"""
        ),
        "{street} {number}", 220,
    ),
    "de_DE": Streets(
        ("{}straße", "{}straße", "{}straße", "{}weg", "{}weg", "{}ring", "{}allee"),
        _words(
            """Haupt Schul Bahnhof Garten Dorf Berg Birken Linden Wald Ring Kirch Wiesen Mühlen Post
            Eichen Buchen Rosen Feld Friedhof Ahorn Blumen Park Kastanien Tannen Mozart Goethe
            Schiller Beethoven Lessing Bismarck Sonnen Amsel Nelken Tulpen Wilhelm Friedrich Markt
            Hafen Brunnen Burg Kiefern Erlen Flieder Industrie"""
        ),
        "{street} {number}", 150,
    ),
    "de_AT": Streets(
        ("{}gasse", "{}gasse", "{}straße", "{}straße", "{}weg"),
        _words("Haupt Schul Bahnhof Garten Kirchen Feld Berg Mozart Schubert Wiener Linden Mühl"),
        "{street} {number}", 120,
    ),
    "es_ES": Streets(
        ("Calle {}", "Calle {}", "Calle {}", "Calle {}", "Avenida {}", "Plaza {}", "Paseo {}",
         "Camino {}"),
        SPANISH, "{street}, {number}", 160,
    ),
    "es_CO": Streets(
        ("Calle {}", "Carrera {}", "Calle {}", "Carrera {}", "Transversal {}", "Diagonal {}"),
        tuple(str(number) for number in range(1, 120)), "{street} # 12-{number}", 99,
    ),
    "pl_PL": Streets(
        ("ul. {}", "ul. {}", "ul. {}", "ul. {}", "al. {}", "os. {}"),
        _words(
            """Polna Leśna Słoneczna Krótka Szkolna Ogrodowa Lipowa Łąkowa Brzozowa Kwiatowa
            Kościelna Sosnowa Zielona Parkowa Akacjowa Kolejowa Mickiewicza Kościuszki Sienkiewicza
            Słowackiego Piłsudskiego Kopernika Konopnickiej Dworcowa Wiejska Spokojna"""
        ),
        "{street} {number}", 120,
    ),
    "zh_CN": Streets(
        ("{} Road", "{} Road", "{} Road", "{} Street", "{} East Road", "{} West Road",
         "{} North Road", "{} South Road", "{} Avenue"),
        _words(
            """Zhongshan Renmin Jiefang Jianshe Heping Xinhua Wenhua Shengli Beijing Nanjing
            Changjiang Huanghe Minzhu Tuanjie Xingfu Yingbin Xueyuan Gongye Huayuan Binhe Qianjin
            Dongfeng Hongqi Chaoyang Guangming Youyi Changan Fuxing Zhenxing Wuyi Bayi Chengxi
            Chengdong Hubin Jiangnan Keji Longhua Taishan Xinxing Yongan Jinxiu"""
        ),
        "No. {number} {street}", 900,
    ),
    "ko_KR": Streets(
        ("{}-ro", "{}-ro", "{}-daero", "{}-gil", "{}-ro 12beon-gil", "{}-ro 5-gil"),
        _words(
            """Jungang Gangnam Sejong Teheran Dongil Hangang Seobu Dongbu Nambu Bukbu Haean Hakdong
            Munhwa Pyeonghwa Saemaeul Siminui Daehak Gongdan Hyoja Eunhaeng Mugunghwa Deulan
            Gyeongin Jangsu Seongnam Wolgye Geumho Samsung Hwarang Chungmu Yulgok Toegye
            Bongeunsa Dosan Baekje Silla Gaya Neungdong Achasan"""
        ),
        "{number} {street}", 400,
    ),
    "ja_JP": Streets(
        ("{}", "{}", "{}", "{}-machi", "{}-cho", "Kita-{}", "Minami-{}", "Higashi-{}", "Nishi-{}"),
        _words(
            """Honcho Sakuracho Asahi Midori Chuo Sakae Sumiyoshi Shinmachi Takara Wakaba Nakano
            Hongo Hanazono Matsubara Yoshino Fujimi Aoba Izumi Kamiyama Tamagawa Sakaemachi Hirano
            Okubo Kasuga Miyamae Yamate Daikan Hachiman Inari Tenjin Kawabata Ogawa Shiroyama"""
        ),
        "{number} {street}", 30,
    ),
}  # fmt: skip
