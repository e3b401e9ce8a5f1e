"""What the office does with calls and what they hang on."""

from incubator.calls.services.calls import (
    PHASES,
    ThemeBudget,
    change_form,
    check_words,
    close,
    copy_call,
    create_call,
    create_committee,
    create_pool,
    create_theme,
    extend,
    install_templates,
    publish,
    publish_decision_rule,
    publish_rubric,
    update_call,
)
from incubator.calls.services.themes import set_budget, update_theme

__all__ = [
    "PHASES",
    "ThemeBudget",
    "change_form",
    "check_words",
    "close",
    "copy_call",
    "create_call",
    "create_committee",
    "create_pool",
    "create_theme",
    "extend",
    "install_templates",
    "publish",
    "publish_decision_rule",
    "publish_rubric",
    "set_budget",
    "update_call",
    "update_theme",
]
