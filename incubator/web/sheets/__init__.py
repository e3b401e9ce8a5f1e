"""Tables out and in: CSV and XLSX, typed, harmless to spreadsheets, and read back row by row.

columns = [Column("number", _l("Number")), Column("asked", _l("Asked for"), MONEY)]
download(xlsx(_("Proposals"), columns, rows), "proposals.xlsx")

class Line(Row):
    hr_number: Annotated[str, Heading(_l("HR number"))]
    joined: Annotated[Day | None, Heading(_l("Joined on"))] = None

sheet = read(data, name, Line)      # sheet.rows: [(line, Line)], sheet.errors: [RowError]
"""

from incubator.web.sheets.columns import DAY, INT, MOMENT, MONEY, PERCENT, TEXT, Column
from incubator.web.sheets.reading import (
    LARGEST_FILE,
    Heading,
    Row,
    RowError,
    Sheet,
    columns_of,
    given_columns,
    read,
    read_rows,
)
from incubator.web.sheets.values import Amount, Day, Points
from incubator.web.sheets.writing import csv, download, xlsx

__all__ = [
    "DAY", "INT", "LARGEST_FILE", "MOMENT", "MONEY", "PERCENT", "TEXT", "Amount", "Column", "Day", "Heading", "Points",
    "Row", "RowError", "Sheet", "columns_of", "csv", "download", "given_columns", "read", "read_rows", "xlsx",
]  # fmt: skip
