"""Postal areas by country: the first signs of the codes around a city.

An entry is the first signs of a code, or a range of them, and the city that the area is named
after (as GeoNames spells it). A place has the codes of the nearest such city of its state. The
areas are those of the postal services: Royal Mail, La Poste, Deutsche Post, Correos, bpost, Poczta
Polska, Österreichische Post, Australia Post, Korea Post, Japan Post, China Post, Correios and 4-72
(Colombia); of smaller countries and of China not every area is here. The codes of the United States
are not here but in the package ``zipcodes``.
"""

from __future__ import annotations

from synth_assets.domains.clean_room.source.postal.chinese_areas import CHINA

AREAS = {
    "CN": CHINA,
    "GB": """
        AB10-16 Aberdeen; AL1-10 St Albans; B1-21 Birmingham; BA1-16 Bath; BB1-12 Blackburn;
        BD1-18 Bradford; BH1-19 Bournemouth; BL1-9 Bolton; BN1-3 Brighton; BR1-8 Bromley;
        BS1-16 Bristol; BT1-18 Belfast; CA1-8 Carlisle; CB1-5 Cambridge; CF10-11 Cardiff;
        CH1-8 Chester; CM1-9 Chelmsford; CO1-16 Colchester; CR2-8 Croydon; CT1-21 Canterbury;
        CV1-12 Coventry; CW1-12 Crewe; DA1-18 Dartford; DD1-11 Dundee; DE3-7 Derby;
        DG1-16 Dumfries; DH1-9 Durham; DL1-17 Darlington; DN1-12 Doncaster; DT1-11 Dorchester;
        DY1-14 Dudley; E1-18 London; EH1-17 Edinburgh; EN1-11 Enfield Town; EX1-24 Exeter;
        FK1-21 Falkirk; FY1-8 Blackpool; G11-15 Glasgow; GL1-8 Gloucester; GU1-10 Guildford;
        HA1-9 Harrow; HD1-9 Huddersfield; HG1-5 Harrogate; HP1-23 Hemel Hempstead;
        HR1-9 Hereford; HU1-20 Kingston upon Hull; HX1-7 Halifax; IG1-11 Ilford;
        IP1-33 Ipswich; IV1-28 Inverness; KA1-30 Kilmarnock; KT1-24 Kingston upon Thames;
        KY1-16 Kirkcaldy; L1-38 Liverpool; LA1-23 Lancaster; LE1-19 Leicester;
        LL11-20 Wrexham; LL28-34 Llandudno; LN1-13 Lincoln; LS1-29 Leeds; LU1-7 Luton;
        M11-35 Manchester; ME1-20 Gillingham; MK1-19 Milton Keynes; ML1-12 Motherwell;
        N1-22 London; NE1-49 Newcastle upon Tyne; NG1-25 Nottingham; NN1-18 Northampton;
        NP18-20 Newport; NR1-35 Norwich; NW2-11 London; OL1-16 Oldham; OX1-5 Oxford;
        PA1-49 Paisley; PE1-38 Peterborough; PH1-26 Perth; PL1-35 Plymouth; PO1-22 Portsmouth;
        PR1-9 Preston; RG1-31 Reading; RH1-20 Redhill; RM1-20 Romford; S1-14 Sheffield;
        SA1-20 Swansea; SE2-28 London; SG1-19 Stevenage; SK1-17 Stockport; SL1-9 Slough;
        SM1-7 Sutton; SN1-16 Swindon; SO14-24 Southampton; SP1-11 Salisbury; SR1-9 Sunderland;
        SS1-17 Southend-on-Sea; ST1-21 Stoke-on-Trent; SW2-20 London; SY1-25 Shrewsbury;
        TA1-24 Taunton; TD1-15 Galashiels; TF1-13 Telford; TN1-40 Royal Tunbridge Wells;
        TQ1-14 Torquay; TR1-27 Truro; TS1-29 Middlesbrough; TW1-20 Twickenham; UB1-11 Southall;
        W2-14 London; N1-8 Islington; N15-17 Tottenham; E17 Walthamstow; SW6 Fulham;
        HA0-9 Wembley; NW2-10 Brent; N19 Archway; N9-18 Edmonton; W2-9 City of Westminster;
        WA1-16 Warrington; WD17-19 Watford; WF1-17 Wakefield; WN1-8 Wigan;
        WR1-15 Worcester; WS1-15 Walsall; WV1-16 Wolverhampton; YO10-19 York""",
    "FR": """
        01 Bourg-en-Bresse; 02 Laon; 03 Moulins; 04 Digne-les-Bains; 05 Gap; 06 Nice; 07 Privas;
        08 Charleville-Mézières; 09 Foix; 10 Troyes; 11 Carcassonne; 12 Rodez;
        13001-13016 Marseille; 14 Caen; 15 Aurillac; 16 Angoulême; 17 La Rochelle;
        18 Bourges; 19 Tulle; 20 Ajaccio;
        20 Bastia; 21 Dijon; 22 Saint-Brieuc; 23 Guéret; 24 Périgueux; 25 Besançon; 26 Valence;
        27 Évreux; 28 Chartres; 29 Quimper; 30 Nîmes; 31 Toulouse; 32 Auch; 33 Bordeaux;
        34 Montpellier; 35 Rennes; 36 Châteauroux; 37 Tours; 38 Grenoble; 39 Lons-le-Saunier;
        40 Mont-de-Marsan; 41 Blois; 42 Saint-Étienne; 43 Le Puy-en-Velay; 44 Nantes;
        45 Orléans; 46 Cahors; 47 Agen; 48 Mende; 49 Angers; 50 Saint-Lô;
        51 Châlons-en-Champagne; 52 Chaumont; 53 Laval; 54 Nancy; 55 Bar-le-Duc; 56 Vannes;
        57 Metz; 58 Nevers; 59 Lille; 60 Beauvais; 61 Alençon; 62 Arras; 63 Clermont-Ferrand;
        64 Pau; 65 Tarbes; 66 Perpignan; 67 Strasbourg; 68 Colmar; 69001-69009 Lyon; 70 Vesoul;
        71 Mâcon; 72 Le Mans; 73 Chambéry; 74 Annecy; 75001-75020 Paris; 76 Rouen; 77 Melun;
        78 Versailles; 79 Niort; 80 Amiens; 81 Albi; 82 Montauban; 83 Toulon; 84 Avignon;
        85 La Roche-sur-Yon; 86 Poitiers; 87 Limoges; 88 Épinal; 89 Auxerre; 90 Belfort;
        91 Évry; 92 Nanterre; 93 Bobigny; 94 Créteil; 95 Cergy""",
    "DE": """
        010-013 Dresden; 02 Görlitz; 030 Cottbus; 041-043 Leipzig; 061 Halle (Saale); 07 Gera;
        08 Zwickau; 091 Chemnitz; 101-109 Berlin; 120-124 Berlin; 130-135 Berlin; 144 Potsdam;
        15 Frankfurt (Oder); 16 Oranienburg; 17 Neubrandenburg; 180-181 Rostock;
        190 Schwerin; 200-203 Hamburg; 213 Lüneburg; 220-225 Hamburg; 235 Lübeck; 241 Kiel;
        25 Elmshorn; 261 Oldenburg; 275 Bremerhaven; 281-287 Bremen; 29 Celle;
        301-306 Hannover; 311 Hildesheim; 32 Herford; 336-337 Bielefeld; 341 Kassel; 353 Gießen;
        36 Fulda; 370 Göttingen; 381 Braunschweig; 391 Magdeburg; 402-406 Düsseldorf;
        410-411 Mönchengladbach; 421-423 Wuppertal; 441-443 Dortmund; 451-453 Essen;
        460-461 Oberhausen; 470-472 Duisburg; 481 Münster; 490 Osnabrück; 506-511 Köln;
        520 Aachen; 531-532 Bonn; 542 Trier; 551 Mainz; 560 Koblenz; 570 Siegen; 580-581 Hagen;
        590 Hamm; 603-605 Frankfurt am Main; 613 Bad Homburg vor der Höhe;
        630 Offenbach; 642 Darmstadt; 651-652 Wiesbaden; 661 Saarbrücken;
        670 Ludwigshafen am Rhein; 681-683 Mannheim; 691 Heidelberg; 701-706 Stuttgart;
        710 Böblingen; 720 Tübingen; 730 Göppingen; 740 Heilbronn; 751 Pforzheim;
        761-762 Karlsruhe; 776 Offenburg; 780 Villingen-Schwenningen; 791 Freiburg;
        803-809 Munich; 812-819 Munich; 823 Starnberg; 830 Rosenheim; 840 Landshut;
        850 Ingolstadt; 861 Augsburg; 874 Kempten (Allgäu); 882 Ravensburg; 890 Ulm;
        904 Nürnberg; 915 Ansbach; 922 Amberg; 930 Regensburg; 940 Passau; 954 Bayreuth;
        960 Bamberg; 970 Würzburg; 985 Suhl; 990 Erfurt""",
    "ES": """
        01 Gasteiz / Vitoria; 02 Albacete; 03 Alicante; 04 Almería; 05 Ávila; 06 Badajoz;
        07 Palma; 08 Barcelona; 09 Burgos; 10 Cáceres; 11 Cadiz; 12 Castelló de la Plana;
        13 Ciudad Real; 14 Córdoba; 15 A Coruña; 16 Cuenca; 17 Girona; 18 Granada;
        19 Guadalajara; 20 Donostia / San Sebastián;
        21 Huelva; 22 Huesca; 23 Jaén; 24 León; 25 Lleida;
        26 Logroño; 27 Lugo; 28 Madrid; 29 Málaga; 30 Murcia; 31 Pamplona; 32 Ourense;
        33 Oviedo; 34 Palencia; 35 Las Palmas de Gran Canaria; 36 Pontevedra; 37 Salamanca;
        38 Santa Cruz de Tenerife; 39 Santander; 40 Segovia; 41 Sevilla; 42 Soria;
        43 Tarragona; 44 Teruel; 45 Toledo; 46 Valencia; 47 Valladolid; 48 Bilbao; 49 Zamora;
        50 Zaragoza; 51 Ceuta; 52 Melilla""",
    "KR": """
        010-099 Seoul; 102-106 Goyang-si; 108-109 Paju; 116-118 Uijeongbu-si;
        120-123 Namyangju; 130-136 Seongnam-si; 139-141 Anyang-si; 144-148 Bucheon-si;
        152-156 Ansan-si; 162-167 Suwon; 179-180 Pyeongtaek; 210-230 Incheon;
        242-244 Chuncheon; 254-256 Gangneung; 263-265 Wŏnju; 273-275 Chungju;
        281-288 Cheongju-si; 300-301 Sejong; 310-312 Cheonan; 340-354 Daejeon; 366-367 Andong;
        375-379 Pohang; 392-394 Gumi; 410-430 Daegu; 440-450 Ulsan; 460-495 Busan;
        508-510 Kimhae; 511-518 Changwon; 526-528 Chinju; 540-541 Gunsan; 545-546 Iksan;
        548-551 Jeonju; 586-588 Mokpo; 579-580 Suncheon; 595-597 Yeosu; 611-623 Gwangju;
        630-632 Jeju City""",
    "JP": """
        060-065 Sapporo; 030-039 Aomori; 020-029 Morioka; 980-989 Sendai; 010-019 Akita;
        990-999 Yamagata; 960-979 Fukushima; 300-319 Mito; 320-329 Utsunomiya; 370-379 Maebashi;
        330-338 Saitama; 260-267 Chiba; 100-179 Tokyo; 180-208 Hachiōji; 210-216 Kawasaki;
        220-247 Yokohama; 940-959 Niigata; 930-939 Toyama; 920-929 Kanazawa; 910-919 Fukui-shi;
        400-409 Kofu; 380-399 Nagano; 500-509 Gifu; 410-439 Shizuoka; 450-468 Nagoya;
        510-519 Tsu; 520-529 Ōtsu; 600-616 Kyoto; 530-559 Osaka; 650-658 Kobe; 630-639 Nara-shi;
        640-649 Wakayama; 680-689 Tottori-shi; 690-699 Matsue; 700-719 Okayama; 730-739 Hiroshima;
        740-759 Yamaguchi; 770-779 Tokushima; 760-769 Takamatsu; 790-799 Matsuyama;
        780-789 Kochi; 800-808 Kitakyushu; 810-819 Fukuoka; 840-849 Saga; 850-859 Nagasaki;
        860-869 Kumamoto; 870-879 Ōita; 880-889 Miyazaki; 890-899 Kagoshima; 900-907 Naha;
        040-043 Hakodate; 070-079 Asahikawa""",
    "BR": """
        010-058 São Paulo; 060-062 Osasco; 070-072 Guarulhos; 080-084 São Paulo;
        090-092 Santo André; 110-111 Santos; 122 São José dos Campos; 130-131 Campinas;
        132 Jundiaí; 140 Ribeirão Preto; 150 São José do Rio Preto; 170 Bauru; 180 Sorocaba;
        190 Presidente Prudente; 200-237 Rio de Janeiro; 240-241 Niterói; 250 Duque de Caxias;
        256 Petrópolis; 260 Nova Iguaçu; 272 Volta Redonda; 280 Campos dos Goytacazes;
        290 Vitória; 300-319 Belo Horizonte; 320-322 Contagem; 350 Governador Valadares;
        355 Divinópolis; 360 Juiz de Fora; 370 Varginha; 380 Uberaba; 384 Uberlândia;
        394 Montes Claros; 400-419 Salvador; 440 Feira de Santana; 450 Vitória da Conquista;
        456 Itabuna; 478 Barreiras; 490 Aracaju; 500-521 Recife; 530-533 Olinda;
        550 Caruaru; 563 Petrolina; 570 Maceió; 580 João Pessoa; 584 Campina Grande;
        590-591 Natal; 596 Mossoró; 600-608 Fortaleza; 620 Sobral; 630 Juazeiro do Norte;
        640 Teresina; 642 Parnaíba; 650 São Luís; 659 Imperatriz; 660-668 Belém;
        680 Santarém; 685 Marabá; 689 Macapá; 690 Manaus; 693 Boa Vista; 699 Rio Branco;
        700-706 Brasília; 740-748 Goiânia; 750-751 Anápolis; 759 Rio Verde; 768 Porto Velho;
        770 Palmas; 780 Cuiabá; 790-791 Campo Grande; 798 Dourados; 800-829 Curitiba;
        840 Ponta Grossa; 858 Cascavel; 860 Londrina; 870 Maringá; 880 Florianópolis;
        890 Blumenau; 892 Joinville; 898 Chapecó; 888 Criciúma; 900-919 Porto Alegre;
        920-924 Canoas; 950 Caxias do Sul; 960 Pelotas; 970 Santa Maria; 990 Passo Fundo""",
    "AU": """
        200-222 Sydney; 228-232 Newcastle; 250-253 Wollongong; 260-261 Canberra; 264 Albury;
        265 Wagga Wagga; 283 Dubbo; 234 Tamworth; 245 Coffs Harbour; 300-320 Melbourne;
        321-322 Geelong; 335 Ballarat; 355 Bendigo; 363 Shepparton; 384 Traralgon;
        400-417 Brisbane; 421-422 Gold Coast; 430 Ipswich; 435 Toowoomba; 455-457 Maroochydore;
        470 Rockhampton; 474 Mackay; 481 Townsville; 486-488 Cairns; 500-516 Adelaide;
        529 Mount Gambier; 570 Port Augusta; 600-617 Perth; 623 Bunbury; 633 Albany;
        653 Geraldton; 643 Kalgoorlie; 700-705 Hobart; 725 Launceston; 080-083 Darwin;
        087 Alice Springs""",
    "BE": """
        10-11 Brussels; 13 Wavre; 14 Nivelles; 15 Halle; 18 Vilvoorde; 20-21 Antwerpen;
        23 Turnhout; 25 Lier; 28 Mechelen; 30 Leuven; 33 Tienen; 35 Hasselt; 36 Genk; 40 Liège;
        45 Huy; 48 Verviers; 50 Namur; 60 Charleroi; 67 Arlon; 70 Mons; 71 La Louvière;
        75 Tournai; 80 Brugge; 84 Ostend; 85 Kortrijk; 88 Roeselare; 90 Gent;
        91 Sint-Niklaas; 92 Dendermonde; 93 Aalst""",
    "PL": """
        00-04 Warsaw; 09 Płock; 10 Olsztyn; 15 Białystok; 16 Suwałki; 18 Łomża; 20 Lublin;
        22 Zamość; 25 Kielce; 26 Radom; 30-31 Kraków; 33 Tarnów; 35 Rzeszów; 37 Przemyśl;
        38 Krosno; 39 Tarnobrzeg; 40 Katowice; 41 Sosnowiec; 42 Częstochowa; 43 Bielsko-Biala;
        44 Gliwice; 45 Opole; 50-54 Wrocław; 58 Wałbrzych; 59 Legnica; 60-61 Poznań; 62 Kalisz;
        64 Leszno; 65 Zielona Góra; 66 Gorzów Wielkopolski; 70-71 Szczecin; 75 Koszalin;
        76 Słupsk; 80 Gdańsk; 81 Gdynia; 82 Elbląg; 85 Bydgoszcz; 87 Toruń; 90-94 Łódź;
        97 Piotrków Trybunalski""",
    "CO": """
        0500 Medellín; 0800 Barranquilla; 1100-1118 Bogotá; 1300 Cartagena; 1500 Tunja;
        1700 Manizales; 1800 Florencia; 1900 Popayán; 2000 Valledupar; 2300 Montería;
        2500 Soacha; 2700 Quibdó; 4100 Neiva; 4400 Riohacha; 4700 Santa Marta;
        5000 Villavicencio; 5200 Pasto; 5400 Cúcuta; 6300 Armenia; 6600 Pereira;
        6800 Bucaramanga; 7000 Sincelejo; 7300 Ibagué; 7600 Cali; 8100 Arauca; 8500 Yopal;
        8600 Mocoa; 8800 San Andrés; 9100 Leticia; 9500 San José del Guaviare""",
    "AT": """
        101-123 Vienna; 802-805 Graz; 402-404 Linz; 502 Salzburg; 602 Innsbruck;
        902 Klagenfurt am Wörthersee; 310 Sankt Pölten; 700 Eisenstadt; 690 Bregenz; 460 Wels;
        950 Villach; 685 Dornbirn; 270 Wiener Neustadt; 440 Steyr; 870 Leoben""",
}
# The states of the United States with their two letters.
_STATES = """
    Alabama AL, Alaska AK, Arizona AZ, Arkansas AR, California CA, Colorado CO, Connecticut CT,
    Delaware DE, District of Columbia DC, Florida FL, Georgia GA, Hawaii HI, Idaho ID, Illinois IL,
    Indiana IN, Iowa IA, Kansas KS, Kentucky KY, Louisiana LA, Maine ME, Maryland MD,
    Massachusetts MA, Michigan MI, Minnesota MN, Mississippi MS, Missouri MO, Montana MT,
    Nebraska NE, Nevada NV, New Hampshire NH, New Jersey NJ, New Mexico NM, New York NY,
    North Carolina NC, North Dakota ND, Ohio OH, Oklahoma OK, Oregon OR, Pennsylvania PA,
    Rhode Island RI, South Carolina SC, South Dakota SD, Tennessee TN, Texas TX, Utah UT,
    Vermont VT, Virginia VA, Washington WA, West Virginia WV, Wisconsin WI, Wyoming WY"""
STATES = dict(state.strip().rsplit(" ", 1) for state in _STATES.split(","))
