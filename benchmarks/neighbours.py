"""Proposals that are hard to tell from those that are looked for: other ideas in the words of the same trades."""

import random
from collections.abc import Iterator

MEANS = (
    "Acoustic sensors", "A drone fleet", "Machine vision", "A digital twin", "Fibre optic cables", "Satellite images",
    "A chatbot", "Graphene membranes", "Bacteria", "Fly ash", "Ultrasound", "Plasma", "Robots", "An exoskeleton",
    "Carbon fibre", "Lithium batteries", "Blockchain records", "Humidity sensors", "A wind forecast", "3D printing",
    "Waste heat", "Algae", "Insect protein", "Quantum keys", "Infrared cameras", "A heat pump",
)  # fmt: skip
ENDS = (
    "finds leaks in", "predicts faults of", "cleans", "cuts the energy use of", "inspects", "replaces manual checks of",
    "shortens the repair of", "records the origin of goods in", "warns of overload in", "recycles the residue of",
    "plans the shifts of", "insures", "trains the operators of", "balances the load of", "lowers the noise of",
    "stores energy for",
)  # fmt: skip
PLACES = (
    "district heating pipes", "railway wagons", "paper machines", "cement kilns", "hospital laundries",
    "shipyard cranes", "mine ventilation", "wind turbines", "fish farms", "cold stores", "bus depots",
    "blast furnaces", "airport belts", "textile mills", "breweries", "substations", "oil refineries", "harbour tugs",
    "greenhouses", "printing presses", "salt works", "grain silos", "chicken farms", "water mains", "battery plants",
)  # fmt: skip
CHINESE_MEANS = (
    "声学传感器", "无人机", "机器视觉", "数字孪生模型", "光纤", "卫星影像", "智能助手", "石墨烯膜", "微生物", "粉煤灰",
    "超声波", "等离子体", "机器人", "外骨骼", "碳纤维", "退役电池", "区块链", "湿度传感器", "功率预测", "三维打印",
    "余热", "微藻", "昆虫蛋白", "量子密钥", "红外相机", "热泵",
)  # fmt: skip
CHINESE_ENDS = (
    "检测", "预测", "清洗", "降低能耗于", "巡检", "替代人工管理", "缩短维修周期的", "追溯", "预警", "回收",
    "优化排班于", "保险服务", "培训操作员于", "平衡负荷于", "降噪用于", "储能用于",
)  # fmt: skip
CHINESE_PLACES = (
    "供热管网", "铁路货车", "造纸机", "水泥窑", "医院洗衣房", "船厂吊车", "矿井通风", "风电机组", "水产养殖场", "冷库",
    "公交场站", "高炉", "机场输送带", "纺织厂", "啤酒厂", "变电站", "炼油装置", "港口拖轮", "温室大棚", "印刷机",
    "盐湖", "粮仓", "养鸡场", "输水管道", "电池工厂",
)  # fmt: skip


def neighbours(number: int, dice: random.Random) -> Iterator[str]:
    """So many different texts of one line, half of them English."""
    english = [f"{a} {b} {c}" for a in MEANS for b in ENDS for c in PLACES]
    chinese = [f"{a}{b}{c}" for a in CHINESE_MEANS for b in CHINESE_ENDS for c in CHINESE_PLACES]
    yield from dice.sample(english, number // 2)
    yield from dice.sample(chinese, number - number // 2)
