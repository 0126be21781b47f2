"""Postal areas of China: the first four digits of the codes of prefecture-level cities."""

from __future__ import annotations

CHINA = """
    2000-2019 Shanghai; 1000-1009 Beijing; 3000-3004 Tianjin; 4000-4009 Chongqing;
    5180-5181 Shenzhen; 5100-5109 Guangzhou; 5230-5239 Dongguan; 5280-5285 Foshan;
    5284 Zhongshan; 5160-5161 Huizhou; 5150-5151 Shantou; 5190-5191 Zhuhai; 5290-5291 Jiangmen;
    5240-5241 Zhanjiang; 5250 Maoming; 5260 Zhaoqing; 5120 Shaoguan; 5140 Meizhou; 5110 Qingyuan;
    6100-6106 Chengdu; 6210 Mianyang; 6370 Nanchong; 6430 Zigong; 6440 Yibin; 6460 Luzhou;
    6140 Leshan; 4300-4304 Wuhan; 4430 Yichang; 4410 Xiangyang; 4340 Jingzhou; 4350 Huangshi;
    4420 Shiyan; 7100-7106 Xi’an; 7210 Baoji; 7120 Xianyang; 7230 Hanzhong;
    2100-2109 Nanjing; 2150-2152 Suzhou; 2140-2142 Wuxi; 2210 Xuzhou; 2130 Changzhou;
    2260 Nantong; 2250 Yangzhou; 2240 Yancheng; 2253 Taizhou; 2220 Lianyungang; 2120 Zhenjiang;
    2230 Huai'an; 3100-3109 Hangzhou; 3150-3152 Ningbo; 3250-3252 Wenzhou; 3140 Jiaxing;
    3210 Jinhua; 3120 Shaoxing; 3130 Huzhou; 2660-2665 Qingdao; 2500-2503 Jinan;
    2640 Yantai; 2610 Weifang; 2550 Zibo; 2760 Linyi; 2720 Jining; 2710 Tai’an; 2530 Dezhou;
    2770 Zaozhuang; 1100-1108 Shenyang; 1160-1165 Dalian; 1140 Anshan; 1130 Fushun;
    1210 Jinzhou; 1500-1506 Harbin; 1610 Qiqihar; 1630 Daqing; 1570 Mudanjiang;
    1300-1304 Changchun; 1320 Jilin; 4500-4504 Zhengzhou; 4710 Luoyang; 4730 Nanyang;
    4530 Xinxiang; 4550 Anyang; 4750 Kaifeng; 4640 Xinyang; 4760 Shangqiu; 6500-6504 Kunming;
    6550 Qujing; 6710 Dali; 4100-4104 Changsha; 4210 Hengyang; 4120 Zhuzhou; 4140 Yueyang;
    4150 Changde; 4220 Shaoyang; 3610 Xiamen; 3500-3503 Fuzhou; 3620 Quanzhou; 3630 Zhangzhou;
    2300-2303 Hefei; 2410 Wuhu; 2330 Bengbu; 2460 Anqing; 2360 Fuyang; 2320 Huainan;
    5300-5303 Nanning; 5450 Liuzhou; 5410 Guilin; 0500-0503 Shijiazhuang;
    0630 Tangshan; 0710 Baoding; 0560 Handan; 0540 Xingtai; 0750 Zhangjiakou; 0650 Langfang;
    0610 Cangzhou; 0300-0303 Taiyuan; 0370 Datong; 0440 Yuncheng; 0410 Linfen; 0460 Changzhi;
    5500-5503 Guiyang; 5630 Zunyi; 7300-7303 Lanzhou; 7410 Tianshui; 8300-8303 Ürümqi;
    8440 Kashgar; 0100 Hohhot; 0140 Baotou; 0240 Chifeng; 3300-3303 Nanchang; 3410 Ganzhou;
    3320 Jiujiang; 3430 Ji’an; 5700-5703 Haikou; 5720 Sanya; 7500 Yinchuan; 8100 Xining;
    8500 Lhasa"""
