"""Figures with a heading: printed for people, kept plain for JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table as RichTable


@dataclass(frozen=True)
class Column:
    """A figure of every row.

    Attributes
    ----------
    key
        Its name in a row and in JSON.
    heading
        What people read.
    form
        How it is written, a format specification; `unit` follows it.
    """

    key: str
    heading: str
    form: str = ""
    unit: str = ""

    def write(self, value: Any) -> str:
        """The figure for people."""
        return "–" if value is None else f"{value:{self.form}}{self.unit}"


@dataclass(frozen=True)
class Table:
    """One part's figures.

    Attributes
    ----------
    title
        What was measured.
    columns, rows
        The figures, a mapping from column keys to plain values in each row.
    notes
        How it was measured, a sentence each.
    """

    title: str
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, Any]]
    notes: Sequence[str] = ()

    def rich(self, part: str) -> RichTable:
        """As a terminal shows it."""
        numbers = {column.key for column in self.columns if column.form}
        table = RichTable(
            title=f"({part}) {self.title}", title_justify="left", caption=" ".join(self.notes), caption_justify="left"
        )
        for column in self.columns:
            table.add_column(column.heading, justify="right" if column.key in numbers else "left")
        for row in self.rows:
            table.add_row(*(column.write(row.get(column.key)) for column in self.columns))
        return table

    def to_dict(self) -> dict[str, Any]:
        """As JSON takes it."""
        return {"title": self.title, "rows": [dict(row) for row in self.rows], "notes": list(self.notes)}


def painted_frames(tables: Iterable[Table]) -> Table:
    """The rows of several tables of one kind under one another."""
    first, *others = tables
    rows = [row for table in (first, *others) for row in table.rows]
    notes = dict.fromkeys(note for table in (first, *others) for note in table.notes)
    return Table(first.title, first.columns, rows, tuple(notes))
