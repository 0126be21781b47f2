"""Frequent names by culture, most frequent first, in Latin letters.

Sources, by rank: China, Ministry of Public Security, National Names Report 2020 (surnames by
Faker's weights); Korea, KOSIS population census 2015 (shares of surnames); Japan, surveys of names
by Meiji Yasuda Life (surnames of 2018); Brazil, IBGE, Nomes no Brasil (census 2010 and 2022);
Germany, Gesellschaft für deutsche Sprache and Digitales Familiennamenwörterbuch Deutschlands;
France, INSEE, Fichier des prénoms and surnames; Spain, INE, Apellidos y nombres más frecuentes;
Poland, PESEL register; Austria, Statistik Austria. Ranks far down are approximate. Faker's further
names follow in ``names``.
"""

from __future__ import annotations

# Shares in percent of the most frequent name of each list: first names of men, of women, last
# names. They are an assumption where the source has ranks only, and for Brazil's last names: Silva
# is among the last names of 16.8% (IBGE, census 2022), and most people have two.
TOP_SHARES = {
    "en_GB": (3.0, 2.5, 1.2), "pt_BR": (4.0, 6.0, 10.0), "fr_FR": (2.5, 3.5, 0.45),
    "de_DE": (1.8, 1.5, 0.95), "es_ES": (2.7, 2.6, 3.1), "ja_JP": (1.6, 1.5, 1.5),
    "pl_PL": (5.0, 6.0, 3.0), "de_AT": (1.8, 1.5, 0.5),
}  # fmt: skip
# Shares in percent of surnames in Korea.
KOREAN = """
    Kim 21.5, Lee 14.7, Park 8.4, Choi 4.7, Jung 4.3, Kang 2.4, Cho 2.1, Yoon 2.1, Jang 2.0,
    Lim 1.7, Han 1.6, Oh 1.5, Seo 1.5, Shin 1.5, Kwon 1.4, Hwang 1.4, Ahn 1.4, Song 1.4, Yoo 1.3,
    Jeon 1.1, Hong 1.1, Ko 0.95, Moon 0.93, Yang 0.93, Son 0.92, Bae 0.8, Baek 0.77, Heo 0.66,
    Nam 0.55, Shim 0.54, Noh 0.51, Ha 0.46, Kwak 0.41, Sung 0.4, Cha 0.39, Joo 0.39, Woo 0.39,
    Koo 0.39, Na 0.32, Min 0.34, Ryu 0.29, Jin 0.32, Ji 0.31, Eom 0.29, Chae 0.26, Won 0.26,
    Cheon 0.24, Bang 0.19, Kong 0.18, Hyun 0.18, Ham 0.16, Byun 0.17, Yeom 0.14, Choo 0.12,
    Do 0.11, So 0.1, Seok 0.1, Sun 0.09, Seol 0.09, Ma 0.08, Gil 0.08, Yeon 0.07, Wi 0.06, Pyo 0.06,
    Myung 0.06, Ki 0.06, Ban 0.05, Wang 0.05, Geum 0.05, Ok 0.05, Yook 0.04, In 0.04, Maeng 0.04"""
# Syllables of given names in China: the first ones of two, the last ones of two; a share of people
# (about three in ten of those born from 1960 to 1995, fewer since)
# has the last one alone.
CHINESE = {
    "M": (
        """Zhi Jian Guo Wen Xiao Hai Yong Zhong Ming Jun Yu Zi Hao Jia Shi De Chun Tian Rui Bo Xin
        Zhen Chang Guang Hong Jin Xue Shao Yi Cheng Li Kai Peng Xiang Da Zheng Bing Qing Yun Rong
        Sheng Fu""",
        """Wei Jun Qiang Jie Hua Ming Gang Ping Feng Bin Long Hui Bo Tao Chao Lei Yong Liang Lin
        Peng Hao Yang Dong Fei Hai Kai Xin Xuan Jian Guo Rong Sheng Cheng Kun Ning Xiang Shan Rui
        Quan Zhi Chen Han""",
    ),
    "F": (
        """Xiao Li Mei Yu Xiu Gui Shu Ya Jia Xue Hui Yan Chun Hong Jing Lan Yue Wen Min Si Zi Yi
        Xin Qiu Ai Feng Ying Rui Jin Hai Ruo Meng Qing Shi Fang Wan Lin Ning Bing Yun""",
        """Ying Fang Hua Mei Lan Min Jing Li Yan Xia Ping Ling Juan Hong Na Ting Hui Yun Qin Zhen
        Xin Qing Jie Qian Yue Ru Xuan Lin Yi Tong Rong Zhi Xiang Wen Shu Ni Dan Lu Rui Qi""",
    ),
}
CHINESE_ALONE = 0.30
# Syllables of given names in Korea: first and second.
KOREAN_GIVEN = {
    "M": (
        """Min Sung Young Jae Dong Ji Jun Hyun Sang Seung Tae Jin Ki Kyung Byung Chang In Yong
        Do Woo Si Ju Eun Chan Hee Gun Moon Jong Won Kwang""",
        """Ho Soo Min Hyun Jun Woo Hoon Jin Seok Ki Won Hwan Sik Chul Young Gyu Jae Hyuk Bin Seop
        Wook Kyun Yeol Pyo Sun Geun Han Ik Chan Hyung""",
    ),
    "F": (
        """Ji Min Eun Soo Yoo Mi Hye Young Sun Hyun Jung Seo Kyung Yeon Sook Ye Da Ha Na So Jin
        Chae Bo Ga Su Hee Myung Yun In Ah""",
        """Young Hee Sook Jung Mi Eun Ja Kyung Hye Ji Soo Yeon Jin Ah Won Min Sun Rim Hyun Bin
        Yoon Na Ok Ran Seo In Ju Yu Seul Joo""",
    ),
}
# First names of men, of women, last names; the culture's list of Faker follows.
RANKED = {
    "ja_JP": (
        """Hiroshi Takashi Kenji Makoto Satoshi Naoki Kazuya Daisuke Yusuke Takuya Shota Kenta
        Daiki Ryota Kaito Haruto Yuto Sota Minoru Kiyoshi Shigeru Masao Isamu Noboru Susumu Osamu
        Akira Yutaka Tetsuya Hideki Masaki Koji Shinji Yuji Kazuo Toshio Yoshio Hideo Masaru Mamoru
        Manabu Jun Ken Ryo Tatsuya Yuki Hiroki Tomoya Ryosuke Shinya Kohei Yohei Shohei Junichi
        Kenichi Shinichi Eiji Keisuke Sho Tsubasa Kazuki Yuya Takumi Ren Hayato Atsushi Mitsuru
        Tadashi Norio Kunio Taro Jiro Haruki Goro Motohiro Seiji Ryuji Shun Tomohiro Masahiro""",
        """Yoko Keiko Sachiko Kazuko Hiroko Kyoko Yumiko Akemi Mayumi Tomoko Naoko Kumiko Yuko Emiko
        Noriko Michiko Setsuko Fumiko Toshiko Chieko Miyuki Kaori Megumi Yukari Ai Mai Aya Misaki
        Nanami Haruka Sakura Yui Aoi Hina Rina Mao Miyu Asuka Ayaka Chihiro Erika Kana Maki Mika
        Miho Eri Risa Saori Shiori Yuka Natsumi Momoko Manami Mari Rie Junko Etsuko Reiko Ritsuko
        Chiyoko Hisako Tamiko Yoshiko Mitsuko Ikumi Hitomi Satomi Izumi Chika Minako Kanako Sayaka
        Mizuki Yuna Rin Himari Akane Kasumi Tomomi Harumi""",
        """Sato Suzuki Takahashi Tanaka Ito Watanabe Yamamoto Nakamura Kobayashi Kato Yoshida Yamada
        Sasaki Yamaguchi Matsumoto Inoue Kimura Hayashi Saito Shimizu Yamazaki Mori Abe Ikeda
        Hashimoto Yamashita Ishikawa Nakajima Maeda Fujita Ogawa Goto Okada Hasegawa Murakami Kondo
        Ishii Sakamoto Endo Aoki Fujii Nishimura Fukuda Ota Miura Fujiwara Okamoto Matsuda Nakagawa
        Nakano Harada Ono Tamura Takeuchi Kaneko Wada Nakayama Ishida Ueda Morita Hara Shibata Sakai
        Kudo Yokoyama Miyazaki Miyamoto Uchida Takagi Ando Taniguchi Ohno Maruyama Imai Takada
        Fujimoto Takeda Murata Ueno Sugiyama Masuda Sugawara Hirano Kojima Otsuka Chiba Kubo Matsui
        Iwasaki Sakurai Kinoshita Noguchi Matsuo Kikuchi Nomura Arai Sugimoto Furukawa Ichikawa
        Komatsu Shimada Mizuno Takano Yoshikawa Yamauchi Nishida Iida Nishikawa Igarashi Kitamura
        Yasuda Nakata Kawaguchi Hirata Kawasaki Honda Kubota Yoshimura Tsuji Higuchi Nagata Iwata
        Hattori Azuma Kawamura Matsuoka Oshima Kuroda Asano Koyama Okubo Nagai Adachi Baba Tsuchiya
        Hirose Hamada Sekiguchi Oishi Kawakami Inagaki Tachibana Mochizuki Yano Shinohara Horiuchi
        Ogata Kamata Toda Sano""",
    ),
    "pt_BR": (
        """José João Antônio Francisco Carlos Paulo Pedro Lucas Luiz Marcos Luís Gabriel Rafael
        Daniel Marcelo Bruno Eduardo Felipe Raimundo Rodrigo Manoel Mateus André Fernando Fábio
        Leonardo Gustavo Guilherme Leandro Tiago Anderson Ricardo Márcio Jorge Sebastião Alexandre
        Roberto Edson Diego Vitor Sérgio Cláudio Thiago Adriano Luciano Júlio Renato Alex Vinícius
        Rogério Samuel Ronaldo Mário Flávio Douglas Igor Davi Miguel Arthur Henrique""",
        """Maria Ana Francisca Antônia Adriana Juliana Márcia Fernanda Patrícia Aline Sandra Camila
        Amanda Bruna Jéssica Letícia Júlia Luciana Vanessa Mariana Gabriela Vera Vitória Larissa
        Cláudia Beatriz Luana Rita Sônia Renata Eliane Josefa Simone Natália Cristiane Carla Débora
        Rosângela Jaqueline Rosa Daniela Aparecida Marlene Terezinha Raimunda Andréia Fabiana Lúcia
        Raquel Ângela Rafaela Joana Luzia Elaine Daniele Regina Daiane Alessandra Isabela
        Tatiane""",
        """Silva Santos Oliveira Souza Pereira Ferreira Lima Alves Rodrigues Costa Gomes Ribeiro
        Martins Carvalho Almeida Lopes Soares Fernandes Vieira Barbosa Rocha Dias Nascimento Moreira
        Nunes Andrade Marques Machado Mendes Freitas Cardoso Ramos Gonçalves Santana Teixeira Araújo
        Melo Barros Cavalcante Pinto Monteiro Correia Moura Batista Campos Cunha Duarte Farias""",
    ),
    "fr_FR": (
        """Jean Pierre Michel Philippe Alain Nicolas Christophe Patrick Christian Daniel Laurent
        Bernard Frédéric Éric David Stéphane Julien Pascal Thomas Sébastien Gérard Alexandre Olivier
        Thierry Maxime Vincent Kévin Antoine Guillaume Lucas Jacques André Claude François Romain
        Mathieu Anthony Jérôme Hugo Louis Paul Benjamin Quentin Clément Arthur Fabrice Bruno Marc
        Nathan Théo Enzo Jules Gabriel Léo Raphaël Adam""",
        """Marie Nathalie Isabelle Sylvie Catherine Françoise Valérie Christine Monique Sandrine
        Véronique Sophie Céline Nicole Martine Stéphanie Anne Julie Patricia Aurélie Camille Laura
        Émilie Caroline Virginie Léa Manon Pauline Claire Audrey Jacqueline Brigitte Chantal Annie
        Florence Corinne Hélène Élodie Laurence Mathilde Charlotte Chloé Emma Sarah Inès Jade Louise
        Alice Lola Danielle Michèle Dominique Karine Delphine Marion Mélanie""",
        """Martin Bernard Thomas Petit Robert Richard Durand Dubois Moreau Laurent Simon Michel
        Lefebvre Leroy Roux David Bertrand Morel Fournier Girard Bonnet Dupont Lambert Fontaine
        Rousseau Vincent Muller Lefèvre Faure André Mercier Blanc Guérin Boyer Garnier Chevalier
        François Legrand Gauthier Garcia Perrin Robin Clément Morin Nicolas Henry Roussel Mathieu
        Gautier Masson Marchand Duval Denis Dumont Marie Lemaire Noël Meyer Dufour Meunier""",
    ),
    "de_DE": (
        """Peter Michael Thomas Andreas Wolfgang Klaus Jürgen Günter Stefan Christian Uwe Werner
        Horst Frank Dieter Manfred Gerhard Hans Bernd Thorsten Matthias Helmut Walter Heinz Martin
        Jörg Rolf Jens Sven Alexander Jan Rainer Holger Karl Dirk Joachim Ralf Carsten Herbert
        Oliver Wilhelm Kurt Markus Heinrich Harald Paul Hermann Rüdiger Jonas Lukas Leon Tim Felix
        Daniel Sebastian Florian Tobias Maximilian Philipp Julian Moritz Niklas""",
        """Ursula Karin Helga Sabine Ingrid Renate Monika Susanne Gisela Petra Birgit Andrea Anna
        Brigitte Claudia Erika Christa Elke Stefanie Gertrud Elisabeth Maria Angelika Heike Gabriele
        Kathrin Ilse Nicole Anja Barbara Hildegard Martina Ingeborg Gerda Marion Jutta Ute Hannelore
        Irmgard Christine Silvia Marie Kerstin Margarete Christina Edith Christiane Sandra Julia
        Lena Laura Lea Sarah Lisa Katharina Melanie Tanja Hannah Sophie Mia""",
        """Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch
        Bauer Richter Klein Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann
        Lange Schmitt Werner Schmitz Krause Meier Lehmann Schmid Schulze Maier Köhler Herrmann König
        Walter Mayer Huber Kaiser Fuchs Peters Lang Scholz Möller Weiß Jung Hahn Schubert Vogel
        Friedrich Keller Günther Frank Berger Winkler Roth Beck Lorenz Baumann Franke Albrecht
        Schuster Simon Ludwig Böhm Winter Kraus Martin Schumacher Krämer Vogt Stein Jäger Otto""",
    ),
    "es_ES": (
        """Antonio Manuel José Francisco David Juan Javier Daniel José-Antonio Francisco-Javier
        José-Luis Carlos Jesús Alejandro Miguel José-Manuel Rafael Miguel-Ángel Pablo Pedro Ángel
        Sergio Fernando José-María Jorge Luis Alberto Álvaro Juan-Carlos Adrián Diego Juan-José Raúl
        Iván Juan-Antonio Rubén Enrique Óscar Ramón Andrés Vicente Juan-Manuel Santiago Joaquín
        Víctor Mario Eduardo Roberto Jaime Marcos Ignacio Hugo Alfonso Jordi Ricardo""",
        """María-Carmen María Carmen Ana-María Laura María-Pilar Josefa Isabel Cristina Marta
        María-Dolores María-Teresa Ana Lucía María-Ángeles María-José Sara Francisca Paula Elena
        María-Isabel Raquel Pilar María-Luisa Dolores Antonia Rosario Beatriz Mercedes Alba Andrea
        Julia Irene Sofía Silvia Nuria Patricia Rocío Carla Claudia Montserrat Teresa Ángela
        María-Jesús Rosa-María Alicia Sandra Marina Susana Yolanda Natalia Martina Eva
        Inmaculada""",
        """García Rodríguez González Fernández López Martínez Sánchez Pérez Gómez Martín Jiménez
        Hernández Ruiz Díaz Moreno Muñoz Álvarez Romero Gutiérrez Alonso Navarro Torres Domínguez
        Ramos Vázquez Ramírez Gil Serrano Morales Molina Blanco Suárez Castro Ortega Delgado Ortiz
        Marín Rubio Núñez Medina Sanz Castillo Iglesias Cortés Garrido Santos Guerrero Lozano Cano
        Cruz Flores Herrera Peña León Cabrera Márquez Campos Vega Fuentes Díez Carrasco Reyes""",
    ),
    "pl_PL": (
        """Piotr Krzysztof Tomasz Paweł Jan Andrzej Michał Marcin Jakub Marek Grzegorz Adam Łukasz
        Stanisław Mateusz Zbigniew Dariusz Mariusz Maciej Rafał Robert Kamil Dawid Szymon Jacek
        Wojciech Kacper Józef Ryszard Tadeusz Jerzy Sławomir Mirosław Artur Filip Bartosz""",
        """Anna Maria Katarzyna Małgorzata Agnieszka Barbara Ewa Krystyna Elżbieta Magdalena Joanna
        Zofia Monika Aleksandra Danuta Julia Natalia Teresa Irena Karolina Jadwiga Marta Iwona
        Dorota Beata Halina Zuzanna Jolanta Grażyna Janina Paulina Renata Alicja Weronika Bożena""",
        """Nowak Kowalski Wiśniewski Wójcik Kowalczyk Kamiński Lewandowski Zieliński Szymański
        Woźniak Dąbrowski Kozłowski Jankowski Mazur Wojciechowski Kwiatkowski Krawczyk Kaczmarek
        Piotrowski Grabowski Zając Pawłowski Michalski Król Wieczorek Jabłoński Wróbel Nowakowski
        Majewski Olszewski Stępień Malinowski Jaworski Adamczyk Dudek Nowicki Pawlak Górski
        Witkowski Walczak Sikora Baran Rutkowski Michalak Szewczyk Ostrowski Tomaszewski Pietrzak
        Zalewski Wróblewski Marciniak Jasiński Zawadzki Bąk Jakubowski Sadowski Duda Włodarczyk
        Wilk Chmielewski Borkowski Sokołowski Szczepański Sawicki Kucharski Lis Maciejewski""",
    ),
    # First names as in Germany.
    "de_AT": ("", "", """Gruber Huber Bauer Wagner Müller Pichler Steiner Moser Mayer Hofer Leitner
        Berger Fuchs Eder Fischer Schmid Winkler Weber Schwarz Maier Schneider Reiter Mayr Schmidt
        Wimmer Egger Brunner Lang Baumgartner Auer Binder Lechner Wolf Wallner Aigner Ebner""",),
    "en_GB": (
        """David John Michael Paul Andrew James Mark Stephen Richard Peter Robert Christopher Thomas
        Daniel Ian Simon William Matthew Anthony Alan Jonathan Steven Kevin Jack Joseph Benjamin
        Adam Luke Samuel Ryan""",
        """Susan Margaret Sarah Patricia Karen Emma Julie Linda Elizabeth Jacqueline Christine Helen
        Claire Nicola Rebecca Laura Lisa Jennifer Mary Charlotte Samantha Amanda Deborah Joanne
        Sophie Gemma Hannah Jessica Emily Chloe""",
        "",
    ),
}  # fmt: skip
