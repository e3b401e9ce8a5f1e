"""What offices ask for, as rules: pure data for the forecast of fees.

From memory (M): they ship unconfirmed, and what is computed from them is an estimate until two persons have compared
them with the office's list. Amounts are minor units; `years` are [from, to, amount].
"""

import datetime as dt
from typing import Any

from incubator.rules.shipped import PackRule


def _fee(  # noqa: PLR0917 - a row of a table
    code: str, jurisdiction: str, source: str, since: dt.date, titles: tuple[str, str], parameters: dict[str, Any]
) -> PackRule:
    return PackRule(code, 1, jurisdiction, source, "list of fees", since, None, parameters, "M", *titles)


_UTILITY = [[1, 3, 60_000], [4, 5, 90_000], [6, 8, 120_000], [9, 10, 200_000]]
FEES: tuple[PackRule, ...] = (
    _fee(
        "cn.patent.fee.annual", "CN", "CNIPA, list of fees", dt.date(2010, 2, 1),
        ("Annual fees in China", "中国年费标准"),
        {
            "currency": "CNY",
            "years": {
                "invention": [
                    [1, 3, 90_000], [4, 6, 120_000], [7, 9, 200_000], [10, 12, 400_000], [13, 15, 600_000],
                    [16, 20, 800_000],
                ],
                "utility_model": _UTILITY,
                "design": [*_UTILITY, [11, 15, 300_000]],
            },
        },
    ),
    _fee(
        "cn.patent.fee.examination", "CN", "CNIPA, list of fees", dt.date(2010, 2, 1),
        ("Examination of an invention", "发明专利申请实质审查费"),
        {"currency": "CNY", "years": {"invention": [[0, 0, 250_000]]}},
    ),
    _fee(
        "cn.patent.fee.reduction", "CN", "Caishui [2016] No. 78", dt.date(2016, 9, 1),
        ("Reduction of fees: shares, and years of annual fees from the grant", "专利收费减缴比例及年费减缴年限"),
        {"reduction_bps": [8_500, 7_000], "annual_fee_years": 10},
    ),
    _fee(
        "ep.patent.fee.renewal", "EP", "EPO, schedule of fees from 1 April 2024", dt.date(2010, 2, 1),
        ("Renewal fees at the EPO", "欧洲专利局维持费标准"),
        {
            "currency": "EUR",
            "years": {
                "invention": [
                    [3, 3, 69_000], [4, 4, 84_500], [5, 5, 100_000], [6, 6, 115_500], [7, 7, 131_000],
                    [8, 8, 146_500], [9, 9, 162_000], [10, 20, 177_500],
                ]
            },
        },
    ),
    _fee(
        "us.patent.fee.maintenance", "US", "USPTO, fee schedule from 19 January 2025", dt.date(2010, 2, 1),
        ("Maintenance fees in the United States", "美国维持费标准"),
        {"currency": "USD", "about": {"3.5": 215_000, "7.5": 404_000, "11.5": 828_000}},
    ),
)  # fmt: skip
