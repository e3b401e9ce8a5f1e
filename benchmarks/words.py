"""Plausible text in quantity, always the same for the same dice."""

import random

RARE = "graphite"
"""Stands in exactly 50 proposals, however many there are."""
COMMON = "measured"
"""Stands in every English proposal."""

THINGS = (
    "heat pump", "cable sheath", "drying oven", "rail bogie", "fermenter", "membrane filter", "crane drive", "kiln",
    "turbine blade", "cold store", "paint line", "sorting belt", "battery rack", "water main", "flight schedule",
    "port gate", "weld seam", "transformer", "compressor", "boiler", "grid relay", "silo", "pipe joint", "robot cell",
)  # fmt: skip
AIMS = (
    "that report their own wear", "with a third less energy", "leased by the hour", "for small plants",
    "made from returned material", "watched by sound", "kept by one shift fewer", "sold as a service",
    "with open interfaces", "for hot climates", "without solvents", "planned by the evening before",
)  # fmt: skip
SENTENCES = (
    "We measured the effect over eleven weeks on two lines and found it again on a third.",
    "Each plant loses about four hours a month to stops that nobody has planned.",
    "The method is ours, written down, and no supplier offers it today.",
    "Our customers pay for the repair now; they would pay less for not needing it.",
    "The first version ran on a borrowed server and has stayed within its limits.",
    "What is measured at night is compared with the plan before the morning shift begins.",
    "Three companies of the group have asked to be next, and one has named a line.",
    "In the second year the same sensors serve a second product without new wiring.",
    "The risk is the supply of one part, for which we have two quotations.",
    "Those who would work on it have the time agreed with their managers until summer.",
)
CHINESE = (
    "我们在两条生产线上连续测量十一周，并在第三条线上复现了同样的效果。", "每座工厂每月约有四小时计划外停机。",
    "该方法为自主研发，目前没有供应商提供同类产品。", "集团内已有三家企业希望尽快试用。",
    "第二年无需重新布线即可服务第二类产品。", "主要风险在于一种零件的供应，现已取得两份报价。",
)  # fmt: skip
CHINESE_TITLES = ("余热回收与分布式供能", "产线声学监测服务", "冷库能耗优化", "输水管网泄漏预警", "退役电池梯次利用")
FAMILY = ("Lin", "Gao", "Shen", "Qin", "He", "Ma", "Zhou", "Wu", "Fang", "Tang", "Xu", "Deng", "Jiang", "Lu")
GIVEN = ("Yue", "Min", "Lan", "Zheng", "Wen", "Li", "Han", "Jie", "Ning", "Rui", "Tao", "Yan", "Bo", "Qing")
COMPANIES = (
    ("Northlight Energy", "北光能源"), ("Harbour Logistics", "海港物流"), ("Cedar Chemicals", "雪松化工"),
    ("Skyway Systems", "天路航信"), ("Riverbend Rail", "江湾轨道"),
)  # fmt: skip


def name(dice: random.Random) -> str:
    """A person's name."""
    return f"{dice.choice(FAMILY)} {dice.choice(GIVEN)}"


def title(dice: random.Random, lang: str) -> str:
    """A proposal's title."""
    if lang == "zh":
        return f"{dice.choice(CHINESE_TITLES)}（{dice.randrange(100, 999)}）"
    return f"{dice.choice(THINGS).capitalize()} {dice.choice(AIMS)} {dice.randrange(100, 999)}"


def text(dice: random.Random, lang: str, sentences: int) -> str:
    """Some sentences; in English one of them holds the common word."""
    if lang == "zh":
        return "".join(dice.choices(CHINESE, k=sentences))
    return " ".join([SENTENCES[0], *dice.choices(SENTENCES, k=sentences - 1)])
