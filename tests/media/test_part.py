"""What a file says of the part of a clip that it shows."""

import pytest

from vidstyle.media.part import comment_of_part, part_of


@pytest.mark.parametrize("own", ["", "the bay; at dusk"])
def test_a_comment_is_kept_and_the_part_read_back(own: str) -> None:
    said = comment_of_part(own, (312, 408), "a;b.mp4")
    assert said.startswith(own)
    assert part_of({"title": "Bay", "comment": said}) == (312, 408)
    assert comment_of_part(said, None, "part.mp4") == own
    assert part_of({"comment": comment_of_part(said, (2, 3), "part.mp4")}) == (2, 3)


def test_nothing_is_read_from_other_comments() -> None:
    assert part_of({"comment": "vidstyle: frames of a clip"}) is None
