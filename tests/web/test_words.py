"""Every state has its word, tint and icon, and the guide's words are the ones shown."""

import importlib
import json
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import force_locale

from incubator.core.states import machines
from incubator.web.words import BAD, DECISION, GOOD, INFO, NEUTRAL, WARN, WORDS, look, word

ROOT = Path(__file__).parents[2]
# key: tint, icon, en, zh as the interface guide (section 4) has them; None where it leaves the icon open
GUIDE = {
    "proposal.draft": (NEUTRAL, "circle-dashed", "Draft", "草稿"),
    "proposal.awaiting_team": (WARN, "clock", "Waiting for the team", "待团队确认"),
    "proposal.submitted": (INFO, "send", "Submitted", "已提交"),
    "proposal.screening": (INFO, "progress", "Screening", "形式审查中"),
    "proposal.returned": (WARN, "pencil", "Returned", "已退回"),
    "proposal.ineligible": (BAD, "ban", "Not eligible", "不符合条件"),
    "proposal.merged": (NEUTRAL, "archive", "Merged", "已合并"),
    "proposal.in_review": (INFO, "progress", "In review", "评审中"),
    "proposal.clarification": (WARN, "pencil", "Questions asked", "待答复"),
    "proposal.deliberation": (DECISION, "gavel", "At committee", "待表决"),
    "proposal.accepted": (GOOD, None, "Accepted", "已通过"),
    "proposal.accepted_conditional": (GOOD, None, "Accepted with conditions", "有条件通过"),
    "proposal.shelved": (NEUTRAL, "archive", "Shelved", "暂缓"),
    "proposal.rejected": (BAD, None, "Not accepted", "未通过"),
    "proposal.appealed": (DECISION, None, "Appealed", "申诉中"),
    "proposal.withdrawn": (NEUTRAL, "archive", "Withdrawn", "已撤回"),
    "proposal.lapsed": (NEUTRAL, None, "Lapsed", "已失效"),
    "equity_grant.approved": (GOOD, "circle-check", "Approved", "已批准"),
    "award.approved": (GOOD, "circle-check", "Approved", "已批准"),
    "sandbox.provisioning": (INFO, "refresh", "Provisioning", "开通中"),
    "sandbox.active": (GOOD, "player-play", "Live", "运行中"),
    "sandbox.frozen": (WARN, "player-stop", "Frozen", "已冻结"),
    "sandbox.failed": (BAD, "alert-triangle", "Failed", "失败"),
    "vesting.vested": (GOOD, "circle-check", "Vested", "已归属"),
    "vesting.next": (INFO, "clock", "Next", "下一期"),
    "vesting.locked": (NEUTRAL, "lock", "Not vested", "未归属"),
    "deadline.due": (WARN, "clock", "Due soon", "即将到期"),
    "deadline.overdue": (BAD, "alert-triangle", "Overdue", "已逾期"),
}


@pytest.mark.parametrize("key", GUIDE)
def test_the_words_of_the_guide_are_shown(parts_app: Flask, key: str) -> None:
    tint, icon, english, chinese = GUIDE[key]
    table, state = key.split(".")
    shown = []
    with parts_app.test_request_context("/"):
        for locale in ("en_GB", "zh_Hans_CN"):
            with force_locale(locale):
                shown.append(word(table, state))
    assert (look(key).tint, look(key).icon if icon else None, *shown) == (tint, icon, english, chinese)


def test_every_state_of_every_machine_has_its_words() -> None:
    for states in (ROOT / "incubator").glob("*/states.py"):
        importlib.import_module(f"incubator.{states.parent.name}.states")
    keys = {
        f"{name}.{state.value}"
        for name, machine in machines.items()
        for sources, targets in machine.steps.values()
        for state in (*sources, *targets)
        if state.__class__.__module__.startswith("incubator.")
    }
    assert sorted(keys - WORDS.keys()) == []


def test_every_icon_of_a_state_is_built() -> None:
    built = set(json.loads((ROOT / "static/src/icons.json").read_text()))
    assert {entry.icon for entry in WORDS.values()} <= built


def test_every_tint_has_its_style() -> None:
    css = (ROOT / "static/src/components/tag.css").read_text()
    assert {entry.tint for entry in WORDS.values()} == {NEUTRAL, INFO, GOOD, WARN, BAD, DECISION}
    assert [tint for tint in (INFO, GOOD, WARN, BAD, DECISION) if f".st.{tint} " not in css] == []


def test_a_state_without_words_is_an_error() -> None:
    with pytest.raises(KeyError):
        look("proposal.unheard_of")
