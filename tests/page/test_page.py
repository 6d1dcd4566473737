"""Where a page may be written."""

from __future__ import annotations

from pathlib import Path

import pytest

from vidstyle.errors import OutputError, UsageError
from vidstyle.page.page import check_page, check_page_name


def test_it_is_not_written_over_what_is_there(tmp_path: Path) -> None:
    there = tmp_path / "report.html"
    there.write_text("mine")
    with pytest.raises(OutputError, match="-y"):
        check_page(there, [], overwrite=False)
    check_page(there, [], overwrite=True)
    with pytest.raises(OutputError, match="one of the inputs"):
        check_page(there, [there], overwrite=True)
    with pytest.raises(OutputError, match="no folder"):
        check_page(tmp_path / "nowhere" / "report.html", [], overwrite=False)
    with pytest.raises(OutputError, match="is a folder"):
        check_page(tmp_path, [], overwrite=False)
    assert there.read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_it_has_a_name_that_browsers_know(tmp_path: Path) -> None:
    check_page_name(tmp_path / "Report.HTM", "--report")
    with pytest.raises(UsageError, match=r"--report .*report\.txt: a page ends in \.html"):
        check_page_name(tmp_path / "report.txt", "--report")
