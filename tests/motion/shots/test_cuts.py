import numpy as np
import pytest

from tests.helpers.synthetic import Disc, make_scene
from vidstyle.errors import InputError
from vidstyle.motion.shots.cuts import find_cuts, read_cuts

SIZE = (90, 160)


def shot(seed, frames=6, **motion):
    return make_scene(frames, SIZE, seed=10 * seed, **{"shift": (2.0, 0.5), **motion}).images


def cuts_of(*shots, start=0):
    frames = [frame for shot in shots for frame in shot]
    return find_cuts(iter(frames), "auto", start, start + len(frames))


def fade(frames, gains):
    return [frame * np.float32(gain) for frame, gain in zip(frames, gains, strict=True)]


@pytest.mark.slow
def test_a_cut_is_the_first_frame_of_the_new_shot():
    assert cuts_of(shot(1, 7), shot(2, 9), shot(3, 4)) == [7, 16]


@pytest.mark.slow
def test_cuts_are_counted_from_the_clip_s_first_frame():
    assert cuts_of(shot(1), shot(2), start=100) == [106]


@pytest.mark.slow
def test_shots_of_any_length_are_told_apart():
    lengths = [1, 1, 2, 5, 1, 3, 2]
    shots = [shot(seed, length) for seed, length in enumerate(lengths)]
    assert cuts_of(*shots) == np.cumsum(lengths)[:-1].tolist()


@pytest.mark.parametrize("frames", [0, 1, 2, 3])
def test_a_short_clip_without_a_cut_has_none(frames):
    assert cuts_of(shot(1, frames)) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "motion",
    [
        {"shift": (0.0, 0.0)},
        {"shift": (14.0, 3.0)},
        {"degrees": 5},
        {"zoom": 1.08},
        {"disc": Disc((20, 45), 30, (12, 0))},
    ],
    ids=["still", "pan", "turn", "zoom", "disc"],
)
def test_motion_is_no_cut(motion):
    assert cuts_of(shot(1, 8, **motion)) == []


@pytest.mark.slow
@pytest.mark.parametrize("length", [4, 8, 16])
def test_a_fade_is_no_cut_until_it_is_black(length):
    gains = [1.0] * 3 + np.linspace(1, 0.1, length).tolist()
    assert cuts_of(fade(shot(1, length + 3), gains)) == []
    assert cuts_of(fade(shot(1, length + 3), gains[::-1])) == []


@pytest.mark.slow
def test_black_between_two_shots_parts_them():
    black = [np.zeros((*SIZE, 3), np.float32)] * 4
    assert cuts_of(shot(1), black, shot(2)) == [6, 10]


@pytest.mark.slow
@pytest.mark.parametrize("length", [1, 2])
@pytest.mark.parametrize("strength", [0.5, 1.0])
def test_a_flash_is_no_cut(length, strength):
    frames = shot(1, 12)
    for index in range(6, 6 + length):
        frames[index] = (1 - strength) * frames[index] + np.float32(strength)
    assert cuts_of(frames) == []


@pytest.mark.slow
def test_a_flash_that_burns_out_most_of_the_frame_is_no_cut():
    assert cuts_of([np.clip(frame, 0, 1) for frame in fade(shot(1, 9), [1] * 3 + [3] * 3 + [1] * 3)]) == []


@pytest.mark.slow
def test_a_dip_to_black_is_no_cut():
    assert cuts_of(fade(shot(1, 12), [1, 1, 0.6, 0.2, 0, 0, 0, 0.2, 0.6, 1, 1, 1])) == []
    assert cuts_of(fade(shot(1, 9), [1, 1, 1, 0, 0, 0, 1, 1, 1])) == []


@pytest.mark.slow
def test_a_fade_from_black_and_one_to_black_belong_to_their_shots():
    gains = [0, 0, 0.15, 0.4, 0.7, 1, 1]
    assert cuts_of(fade(shot(1, 7), gains)) == []
    assert cuts_of(fade(shot(1, 7), gains[::-1])) == []
    assert cuts_of(fade(shot(1, 7), gains[::-1]), shot(2, 3)) == [7]
    assert cuts_of(shot(1, 3), fade(shot(2, 7), gains)) == [3]
    # The faintest frame of a fade in counts as blank, and blank frames between two fades belong to the first.
    assert cuts_of(fade(shot(1, 7), gains[::-1]), fade(shot(2, 7), gains)) == [10]


@pytest.mark.slow
@pytest.mark.parametrize("strength", [15, 40])
def test_noise_is_no_cut_and_hides_none(strength):
    rng = np.random.default_rng(0)

    def noisy(frames):
        return [(frame + rng.normal(0, strength / 255, frame.shape)).clip(0, 1).astype(np.float32) for frame in frames]

    assert cuts_of(noisy(shot(1, 4)), noisy(shot(2, 4))) == [4]


@pytest.mark.slow
def test_a_cut_after_a_flash_is_one():
    flash = [np.ones((*SIZE, 3), np.float32)]
    assert cuts_of(shot(1), flash, shot(2)) == [6, 7]


@pytest.mark.slow
def test_dark_and_grey_shots_are_told_apart():
    shots = [[np.repeat(frame[..., :1], 3, -1) * np.float32(0.25) for frame in shot(seed)] for seed in (1, 2, 3)]
    assert cuts_of(*shots) == [6, 12]


@pytest.mark.slow
def test_black_bars_and_a_logo_do_not_hide_a_cut():
    shots = [shot(1), shot(2)]
    for frame in (frame for frames in shots for frame in frames):
        frame[:12] = frame[-12:] = 0
        frame[20:35, 10:30] = 1
    assert cuts_of(*shots) == [6]


def test_a_caption_is_no_cut():
    frames = shot(1, 8, shift=(0.0, 0.0))
    for frame in frames[4:]:
        frame[66:84, 30:130] = (1, 0.9, 0.1)
    assert cuts_of(frames) == []


@pytest.mark.slow
def test_an_object_that_pops_up_is_no_cut():
    frames, other = shot(1, 8, shift=(0.0, 0.0)), shot(5, 1)[0]
    for frame in frames[4:]:
        frame[30:86, 30:130] = other[30:86, 30:130]
    assert cuts_of(frames) == []


def test_plain_cards_are_told_apart():
    cards = [[np.full((*SIZE, 3), colour, np.float32)] * 3 for colour in ((1, 0, 0), (0, 0, 1), (0, 0, 0), (1, 1, 1))]
    assert cuts_of(*cards) == [3, 6, 9]


@pytest.mark.parametrize("size", [(1, 1), (2, 30), (12, 16), (600, 20)])
def test_frames_of_any_size_are_taken(size):
    frames = make_scene(3, size).images
    assert find_cuts(iter([*frames, *(1 - frame for frame in frames)]), "auto", 0, 6) in ([], [3])


def test_the_frames_are_not_read_in_vain(tmp_path):
    def untouched():
        raise AssertionError
        yield

    listed = tmp_path / "cuts.txt"
    listed.write_text("4\n")
    assert find_cuts(untouched(), "none", 0, 10) == []
    assert find_cuts(untouched(), str(listed), 0, 10) == [3]


def test_a_file_of_cuts_counts_from_one(tmp_path):
    listed = tmp_path / "cuts.txt"
    listed.write_text("\ufeff# shots\r\n\r\n 31 \n77  # the street\n5\n31\n")
    assert read_cuts(listed) == [5, 31, 77]


def test_only_cuts_within_the_range_part_it(tmp_path):
    listed = tmp_path / "cuts.txt"
    listed.write_text("1\n5\n11\n12\n20\n21\n")
    # Frame 5 begins the range itself, and 21 is beyond it.
    assert find_cuts(iter([]), str(listed), 4, 20) == [10, 11, 19]


def test_a_file_of_cuts_names_numbered_pictures_by_their_numbers(tmp_path):
    listed = tmp_path / "cuts.txt"
    listed.write_text("1003\n1004\n1009\n2000\n")
    # There is no 1004: the shot begins with the next one there is.
    assert find_cuts(iter([]), str(listed), 0, 5, (1001, 1003, 1005, 1007, 1009)) == [1, 2, 4]


@pytest.mark.parametrize("line", ["0", "-3", "2.5", "00:01", "twelve", "3 4", "²"])
def test_a_line_that_is_no_frame_is_named(tmp_path, line):
    listed = tmp_path / "cuts.txt"
    listed.write_text(f"# first\n7\n{line}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"cuts\.txt, line 3: .*first frame is 1"):
        read_cuts(listed)


def test_a_file_that_is_not_there_or_no_text_is_named(tmp_path):
    with pytest.raises(InputError, match="neither auto nor none"):
        find_cuts(iter([]), str(tmp_path / "atuo"), 0, 5)
    (tmp_path / "film.mp4").write_bytes(bytes(range(200, 256)))
    with pytest.raises(InputError, match=r"film\.mp4 can't be read as text"):
        read_cuts(tmp_path / "film.mp4")
    with pytest.raises(InputError):
        read_cuts(tmp_path)
