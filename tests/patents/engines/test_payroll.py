"""The payroll file, byte for byte."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from incubator.core.money import MINOR_DIGITS
from incubator.patents.engines.payroll import BOM, Line, defused, payroll_file

LINE = Line("abc", "2026-11", "000017", "林悦", "A-7K3M2Q", "202310601862.3", 240_000, "CNY", in_wages_total=True)


def test_the_file_is_utf_8_with_a_byte_order_mark_and_the_same_in_every_language() -> None:
    assert (
        payroll_file([LINE], MINOR_DIGITS)
        == (
            "\ufeffline,period,hr_number,name,award,patent,amount,currency,in_wages_total,reverses\r\n"
            "abc,2026-11,000017,林悦,A-7K3M2Q,202310601862.3,2400.00,CNY,yes,\r\n"
        ).encode()
    )


def test_the_same_lines_give_the_same_bytes() -> None:
    assert payroll_file([LINE], MINOR_DIGITS) == payroll_file([LINE], MINOR_DIGITS)


def test_a_reversal_is_a_negative_amount_that_stays_a_number() -> None:
    back = Line("def", "2026-12", "1", "A", "A-1", "", -240_001, "CNY", in_wages_total=False, reverses="abc")
    assert payroll_file([back], MINOR_DIGITS).decode().splitlines()[1] == "def,2026-12,1,A,A-1,,-2400.01,CNY,no,abc"


def test_a_currency_without_decimals_has_none() -> None:
    line = Line("d", "2026-12", "1", "A", "A-1", "", 500, "JPY", in_wages_total=False)
    assert ",500,JPY," in payroll_file([line], MINOR_DIGITS).decode()


def test_what_a_spreadsheet_would_run_is_defused() -> None:
    line = Line("d", "2026-12", "-1", '=HYPERLINK("x","y")', "@A", "\tP", 1, "CNY", in_wages_total=True, reverses="+1")
    row = next(iter(csv.reader(io.StringIO(payroll_file([line], MINOR_DIGITS).decode().split("\r\n", 1)[1]))))
    assert row == ["d", "2026-12", "'-1", '\'=HYPERLINK("x","y")', "'@A", "'\tP", "0.01", "CNY", "yes", "'+1"]


@given(st.text())
def test_no_cell_begins_like_a_formula(text: str) -> None:
    assert not defused(text).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert defused(text).removeprefix("'") == text.removeprefix("'")


def test_the_mark_stands_once() -> None:
    assert payroll_file([], MINOR_DIGITS).decode().count(BOM) == 1
