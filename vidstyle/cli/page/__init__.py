"""``--page``: a page that shows what is being painted."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vidstyle.cli.show.progress import Show
    from vidstyle.jobs.folder.job import Job


@contextlib.contextmanager
def shown_job(page: Path | None, job: Job, show: Show) -> Iterator[Show]:
    """Show a job on the page, if there is one, besides: all that its folder tells, whoever paints it."""
    if page is None:
        yield show
        return
    from vidstyle.cli.page.live import LivePage
    from vidstyle.cli.page.painting import Painted, PaintingPage
    from vidstyle.jobs.inputs import files_besides

    read = (job.source_path, job.output, *files_besides(job.styles, job.settings))
    painted = Painted(job.source_path.name, job.output, job.folder, is_part=True)
    whole = PaintingPage(LivePage(page, job.source_path.name, read), [painted])
    try:
        with whole.showing(painted, show) as showed:
            yield showed
    finally:
        whole.close()
