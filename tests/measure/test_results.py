import pytest

from vidstyle.measure.results import WarpErrors
from vidstyle.motion.camera.moments import ROUNDING


def test_what_is_carried_without_a_change_is_no_measure_of_what_can_be_seen() -> None:
    """A still shot painted still: both errors are less than rounding makes, and their ratio is of no meaning."""
    assert WarpErrors(output=1e-7, clip=1e-4, carried=1e-8, kept=1.0).over_carried == pytest.approx(1e-7 / ROUNDING)
    assert WarpErrors(output=2e-4, clip=1e-4, carried=1e-4, kept=1.0).over_carried == pytest.approx(2)
    assert WarpErrors(output=2e-4, clip=1e-4, carried=None, kept=1.0).over_carried is None
