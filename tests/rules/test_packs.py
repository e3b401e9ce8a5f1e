"""The shipped rules: complete, unique, and one version of each at a time."""

import datetime as dt
import json
from itertools import pairwise

from incubator.rules.packs import PACK
from incubator.rules.shipped import PackRule


def test_every_rule_is_complete_and_storable() -> None:
    for rule in PACK:
        assert all((rule.code, rule.jurisdiction, rule.source, rule.article, rule.title_en, rule.title_zh)), rule
        assert json.loads(json.dumps(rule.parameters)) == rule.parameters
        assert rule.valid_to is None or rule.valid_to > rule.valid_from
        assert not rule.title_zh.isascii()


def test_versions_of_a_rule_are_numbered_and_follow_each_other_without_gap_or_overlap() -> None:
    versions: dict[str, list[PackRule]] = {}
    for rule in PACK:
        versions.setdefault(rule.code, []).append(rule)
    for rules in versions.values():
        assert [rule.number for rule in rules] == list(range(1, len(rules) + 1))
        assert [
            (earlier.valid_to + dt.timedelta(days=1), later.valid_from) if earlier.valid_to else None
            for earlier, later in pairwise(rules)
        ] == [(later.valid_from, later.valid_from) for later in rules[1:]]
    assert {code for code, rules in versions.items() if len(rules) > 1} == {
        "cn.patent.award",
        "cn.patent.remuneration",
        "cn.patent.service.post",
        "cn.patent.deadline.registration",
        "cn.patent.deadline.restoration",
        "cn.patent.deadline.annual_fee",
        "cn.patent.deadline.annual_fee_design",
        "cn.patent.deadline.annual_fee_old_design",
        "pct.patent.deadline.cn",
    }


def test_only_what_was_read_in_the_law_ships_as_sure() -> None:
    assert {rule.code for rule in PACK if rule.sure == "S"} == {
        "cn.patent.transition",
        "cn.equity.total",
        "cn.equity.person",
        "cn.equity.award",
        "cn.equity.option",
        "cn.equity.lock",
        "cn.equity.post_dividend",
        "cn.equity.pilot.total",
        "cn.equity.pilot.person",
        "cn.equity.listed.total",
        "cn.equity.listed.person",
        "cn.equity.pilot.lock",
        "cn.equity.pilot.state",
        "cn.equity.listed.first",
        "cn.equity.listed.pay",
        "cn.patent.deadline.first_action",
        "cn.patent.deadline.later_action",
        "pct.patent.deadline.ep",
        "pct.patent.deadline.us",
        "ep.patent.deadline.renewal",
        "us.patent.deadline.maintenance_1",
        "us.patent.deadline.maintenance_2",
        "us.patent.deadline.maintenance_3",
    }
