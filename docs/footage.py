"""Draws the film strips of docs/footage.md: ten kinds of footage, drawn here, and their paintings.

``python docs/footage.py`` paints all in an hour or so on two cores, and ``python docs/footage.py rain cartoon`` two.
With ``--keep FOLDER`` the clips and the paintings are kept there.
"""

import argparse
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import ffmpeg
import imageio_ffmpeg
import numpy as np
from captioned import row as joined

from vidstyle.media.images.stills import write_image
from vidstyle.media.probe.probe import probe
from vidstyle.media.reader import read_frames
from vidstyle.render.video import stylize_video
from vidstyle.settings import StyleImage, preset

HERE = Path(__file__).parent
STYLE = HERE.parent / "sample_media" / "wave.jpg"
W, H, FRAMES = 640, 360, 48
"""A clip is drawn at this size, has half of it, and so many frames."""

Color = tuple[float, float, float]
Film = Iterator[np.ndarray]


def clouded(cell: int, rng: np.random.Generator, shape: tuple[int, int] = (H, W), octaves: int = 5) -> np.ndarray:
    """Noise about 0 in octaves from ``cell`` pixels down, that is as strong as it is large."""
    total = np.zeros(shape, np.float32)
    for octave in range(octaves):
        step = max(1, cell >> octave)
        small = rng.normal(0, 0.5**octave, (shape[0] // step + 3, shape[1] // step + 3)).astype(np.float32)
        total += cv2.resize(small, None, fx=step, fy=step, interpolation=cv2.INTER_CUBIC)[: shape[0], : shape[1]]
    return total


def ground(
    color: Color, other: Color, cell: int, rng: np.random.Generator, shape: tuple[int, int] = (H, W)
) -> np.ndarray:
    """A surface that has two colours in patches."""
    share = (0.5 + 0.35 * clouded(cell, rng, shape)).clip(0, 1)[..., None]
    return (share * np.float32(color) + (1 - share) * np.float32(other)).astype(np.float32)


def oval(image: np.ndarray, at: tuple[float, float], size: tuple[float, float], color: Color) -> None:
    center, axes = ((round(16 * x), round(16 * y)) for x, y in (at, size))
    cv2.ellipse(image, center, axes, 0, 0, 360, color, -1, cv2.LINE_AA, 4)


def box(image: np.ndarray, at: tuple[float, float], size: tuple[float, float], color: Color) -> None:
    (x, y), (width, height) = at, size
    corners = np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]])
    cv2.fillPoly(image, [(16 * corners).round().astype(np.int32)], color, cv2.LINE_AA, 4)


def words(image: np.ndarray, text: str, at: tuple[int, int], size: float, color: Color, width: int = 2) -> None:
    cv2.putText(image, text, at, cv2.FONT_HERSHEY_SIMPLEX, size, color, width, cv2.LINE_AA)


def town(rng: np.random.Generator, shape: tuple[int, int] = (H, W), rows: int = 3) -> np.ndarray:
    """Rows of houses with windows beneath a sky."""
    height, width = shape
    image = ground((0.62, 0.72, 0.84), (0.80, 0.84, 0.88), 160, rng, shape)
    for row in range(rows):
        foot = round(height * (0.62 + 0.16 * row))
        x = -20.0
        while x < width:
            wide, high = rng.uniform(50, 90) * (1 + 0.3 * row), rng.uniform(60, 110) * (1 + 0.3 * row)
            wall = tuple((np.array([0.72, 0.58, 0.45]) * rng.uniform(0.6, 1.2, 3)).tolist())
            box(image, (x, foot - high), (wide, height), wall)
            roof = np.array([[x - 4, foot - high], [x + wide / 2, foot - high - wide / 3], [x + wide + 4, foot - high]])
            cv2.fillPoly(image, [(16 * roof).astype(np.int32)], (0.45, 0.22, 0.18), cv2.LINE_AA, 4)
            for left in np.arange(x + 10, x + wide - 14, 20):
                for top in np.arange(foot - high + 12, foot - 16, 26):
                    box(image, (left, top), (9, 14), (0.20, 0.24, 0.30))
            x += wide + rng.uniform(-4, 14)
    image[round(height * 0.94) :] = ground(
        (0.40, 0.39, 0.37), (0.5, 0.48, 0.46), 20, rng, (height - round(height * 0.94), width)
    )
    return (image + 0.02 * clouded(8, rng, shape, 3)[..., None]).clip(0, 1)


def walker(image: np.ndarray, x: float, foot: float, phase: float, scale: float = 1.0) -> None:
    """A man who walks to the right."""
    swing = 0.55 * np.sin(phase)
    hip, neck = foot - 62 * scale, foot - 112 * scale
    for side, shade in ((-1, 0.16), (1, 0.22)):
        knee = (x + side * swing * 26 * scale, hip + 31 * scale)
        ankle = (x + side * swing * 44 * scale - 6 * scale * abs(swing), foot)
        points = np.array([[x, hip], knee, ankle])
        cv2.polylines(
            image,
            [(16 * points).round().astype(np.int32)],
            False,
            (shade, shade, shade + 0.08),
            round(12 * scale),
            cv2.LINE_AA,
            4,
        )
    box(image, (x - 13 * scale, neck), (26 * scale, 56 * scale), (0.62, 0.16, 0.14))
    for side in (1, -1):
        hand = np.array([[x, neck + 8 * scale], [x - side * swing * 34 * scale, neck + 54 * scale]])
        cv2.polylines(
            image, [(16 * hand).round().astype(np.int32)], False, (0.72, 0.22, 0.18), round(8 * scale), cv2.LINE_AA, 4
        )
    oval(image, (x, neck - 15 * scale), (12 * scale, 15 * scale), (0.85, 0.66, 0.52))
    oval(image, (x, neck - 23 * scale), (13 * scale, 9 * scale), (0.16, 0.11, 0.08))


def talking() -> Film:
    """A face that talks, blinks and nods before a bookcase."""
    rng = np.random.default_rng(1)
    wall = ground((0.30, 0.22, 0.16), (0.36, 0.27, 0.20), 60, rng)
    for row in range(4):
        x = 4.0
        while x < W:
            wide, high = rng.uniform(12, 24), rng.uniform(56, 76)
            box(wall, (x, 84 + 90 * row - high), (wide, high), tuple(rng.uniform(0.12, 0.6, 3).tolist()))
            x += wide + 2
    for number in range(FRAMES):
        seconds = number / 24
        image = wall.copy()
        x, y = 320 + 7 * np.sin(2.3 * seconds), 172 + 4 * np.sin(3.7 * seconds)
        oval(image, (320, 400), (180, 130), (0.16, 0.22, 0.36))
        oval(image, (x, y + 96), (40, 60), (0.74, 0.55, 0.44))
        oval(image, (x, y - 20), (92, 112), (0.17, 0.11, 0.07))
        oval(image, (x, y), (76, 100), (0.84, 0.65, 0.53))
        blink = 0.12 if number % 30 in (10, 11, 12) else 1.0
        for side in (-1, 1):
            oval(image, (x + 30 * side, y - 18), (15, 8 * blink), (0.96, 0.95, 0.92))
            oval(image, (x + 30 * side + 2 * np.sin(5 * seconds), y - 18), (7, 7 * blink), (0.16, 0.24, 0.30))
            cv2.ellipse(
                image, (round(x + 30 * side), round(y - 32)), (19, 7), 0, 190, 350, (0.18, 0.12, 0.08), 4, cv2.LINE_AA
            )
        cv2.line(image, (round(x), round(y - 8)), (round(x - 8), round(y + 26)), (0.66, 0.46, 0.36), 4, cv2.LINE_AA)
        opened = 4 + 13 * abs(np.sin(9 * seconds) * np.cos(2.1 * seconds))
        oval(image, (x, y + 52), (25, opened + 5), (0.68, 0.26, 0.25))
        oval(image, (x, y + 52), (19, opened), (0.25, 0.07, 0.07))
        yield image


def low_light() -> Film:
    """A street at night from a hand that shakes, with a sensor's noise."""
    rng = np.random.default_rng(2)
    street = 0.16 * town(rng, (H + 60, W + 60))
    for x, y in ((120, 210), (330, 190), (560, 205)):
        glow = np.exp(-np.hypot(*np.meshgrid(np.arange(W + 60) - x, np.arange(H + 60) - y)) / 46)[..., None]
        street += (np.float32([0.85, 0.62, 0.28]) * glow).astype(np.float32)
    shake = np.cumsum(rng.normal(0, 1.6, (FRAMES, 2)), 0) + rng.normal(0, 0.8, (FRAMES, 2))
    for number, (dx, dy) in enumerate(shake - shake.mean(0)):
        image = street.copy()
        walker(image, 60 + 9.0 * number, 388, 0.42 * number, 0.8)
        moved = cv2.warpAffine(
            image, np.float32([[1, 0, -30 + dx], [0, 1, -30 + dy]]), (W, H), borderMode=cv2.BORDER_REFLECT
        )
        yield moved + rng.normal(0, 0.09, moved.shape).astype(np.float32)


def timelapse() -> Film:
    """Clouds that form and go while they drift over hills, and their shadows."""
    rng = np.random.default_rng(3)
    first, second = (clouded(180, rng, (H, 3 * W), 6) for _ in range(2))
    hills = ground((0.22, 0.36, 0.16), (0.40, 0.46, 0.22), 40, rng)
    ridge = 250 + 26 * clouded(200, rng, (1, W), 4)[0]
    land = np.arange(H)[:, None] > ridge[None]
    for number in range(FRAMES):
        share = number / (FRAMES - 1)
        x = 10 * number
        cover = (1 - share) * first[:, x : x + W] + share * second[:, x // 2 : x // 2 + W]
        cloud = np.clip(0.2 + 0.9 * cover / np.hypot(share, 1 - share), 0, 1)[..., None]
        sky = np.linspace(0, 1, H, dtype=np.float32)[:, None, None] * np.float32([0.35, 0.28, 0.12]) + np.float32(
            [0.24, 0.44, 0.74]
        )
        light = 1 - 0.45 * cv2.resize(cv2.GaussianBlur(cloud[: H // 2], (0, 0), 12), (W, H))[..., None]
        yield np.where(land[..., None], hills * light, sky * (1 - cloud) + cloud * np.float32([0.94, 0.94, 0.95]))


def rain() -> Film:
    """Rain before a town, from a camera at rest."""
    rng = np.random.default_rng(4)
    behind = 0.75 * town(rng) + 0.06
    for _ in range(FRAMES):
        image, streaks = behind.copy(), np.zeros((H, W), np.float32)
        for _ in range(260):
            x, y, length = rng.uniform(-20, W), rng.uniform(-40, H), rng.uniform(14, 44)
            start, end = (round(16 * x), round(16 * y)), (round(16 * (x + length / 5)), round(16 * (y + length)))
            cv2.line(streaks, start, end, float(rng.uniform(0.12, 0.5)), 1 if length < 34 else 2, cv2.LINE_AA, 4)
        yield image + (0.95 - image) * cv2.GaussianBlur(streaks, (0, 0), 0.8)[..., None]


def screen() -> Film:
    """A screen on which a text is typed, a window is dragged, and a cursor moves."""
    rng = np.random.default_rng(5)
    desk = ground((0.10, 0.30, 0.42), (0.16, 0.40, 0.50), 300, rng)
    lines = [
        "The sea was rough that night,",
        "and no boat had come back.",
        "She waited at the window",
        "until the lamp burned low.",
    ]
    for number in range(FRAMES):
        image = desk.copy()
        box(image, (40, 40), (380, 270), (0.96, 0.96, 0.95))
        box(image, (40, 40), (380, 26), (0.28, 0.32, 0.40))
        words(image, "letter.txt", (52, 59), 0.5, (0.95, 0.95, 0.95), 1)
        left = 30 + number
        for line, text in enumerate(lines):
            words(image, text[: max(0, left)], (58, 108 + 44 * line), 0.68, (0.10, 0.10, 0.12))
            left -= len(text)
        x, y = (400, 90) if number < 14 else (400 - 4 * min(number - 14, 24), 90 + 3 * min(number - 14, 24))
        box(image, (x, y), (200, 130), (0.88, 0.86, 0.80))
        box(image, (x, y), (200, 22), (0.55, 0.24, 0.22))
        words(image, "Save changes?", (x + 12, y + 66), 0.66, (0.12, 0.12, 0.12))
        box(image, (x + 20, y + 90), (70, 26), (0.30, 0.55, 0.34))
        at = (560 - 10 * number, 300 - 14 * number) if number < 14 else (x + 20, y + 10)
        arrow = np.array(at) + np.array([[0, 0], [0, 26], [7, 20], [12, 30], [16, 28], [11, 18], [19, 18]])
        cv2.fillPoly(image, [arrow.astype(np.int32)], (0.02, 0.02, 0.02), cv2.LINE_AA)
        cv2.polylines(image, [arrow.astype(np.int32)], True, (1, 1, 1), 1, cv2.LINE_AA)
        yield image


def scoreboard() -> Film:
    """A board whose digits change before a crowd."""
    rng = np.random.default_rng(6)
    crowd = ground((0.22, 0.20, 0.24), (0.30, 0.26, 0.28), 30, rng)
    for _ in range(900):
        x, y = rng.uniform(0, W), rng.uniform(0, H)
        oval(crowd, (x, y), (5, 6), tuple((np.array([0.75, 0.58, 0.48]) * rng.uniform(0.5, 1.1)).tolist()))
        oval(crowd, (x, y + 10), (8, 7), tuple(rng.uniform(0.1, 0.7, 3).tolist()))
    for number in range(FRAMES):
        image = crowd.copy()
        box(image, (130, 70), (380, 190), (0.05, 0.06, 0.07))
        words(image, "HOME", (165, 118), 1.0, (0.85, 0.82, 0.70))
        words(image, "GUEST", (365, 118), 1.0, (0.85, 0.82, 0.70))
        words(image, "2" if number < 30 else "3", (185, 200), 2.6, (0.98, 0.72, 0.12), 6)
        words(image, "1", (405, 200), 2.6, (0.98, 0.72, 0.12), 6)
        words(image, f"87:{10 + number // 8:02d}", (262, 246), 1.2, (0.92, 0.22, 0.14), 3)
        if number // 6 % 2:
            oval(image, (320, 150), (9, 9), (0.95, 0.2, 0.12))
        yield image


def water() -> Film:
    """Water in the sun with a boat that rocks, from a camera at rest."""
    rng = np.random.default_rng(7)
    rows, cols = np.mgrid[0:H, 0:W].astype(np.float32)
    sky = np.linspace(0, 1, 150, dtype=np.float32)[:, None, None] * np.float32([0.4, 0.25, 0.05]) + np.float32(
        [0.45, 0.58, 0.75]
    )
    waves = [(rng.normal(0, 0.05), rng.uniform(0.05, 0.5), rng.uniform(2, 6), rng.uniform(0, 6.28)) for _ in range(24)]
    for number in range(FRAMES):
        near = ((rows[150:] - 146) / (H - 146)) ** 0.7
        height = np.zeros((H - 150, W), np.float32)
        for across, along, speed, phase in waves:
            height += np.sin(
                (across * cols[150:] + along * (rows[150:] - 150) / (0.25 + near)) / (0.4 + near)
                + phase
                - speed * number / 24
            )
        light = np.clip(0.5 + 0.10 * height, 0, 1)[..., None]
        image = np.concatenate(
            [
                np.broadcast_to(sky, (150, W, 3)),
                light * np.float32([0.55, 0.72, 0.80]) + (1 - light) * np.float32([0.05, 0.18, 0.28]),
            ]
        ).astype(np.float32)
        turn = 3.5 * np.sin(2.4 * number / 24)
        boat = np.zeros((H, W, 4), np.float32)
        hull = np.array([[235, 190], [425, 190], [395, 226], [262, 226]], np.int32)
        sail = np.array([[322, 56], [322, 182], [408, 182]], np.int32)
        cv2.fillPoly(boat, [hull], (0.42, 0.16, 0.10, 1), cv2.LINE_AA)
        cv2.fillPoly(boat, [sail], (0.95, 0.92, 0.84, 1), cv2.LINE_AA)
        cv2.line(boat, (318, 50), (318, 190), (0.25, 0.16, 0.10, 1), 5, cv2.LINE_AA)
        boat = cv2.warpAffine(boat, cv2.getRotationMatrix2D((330, 215), turn, 1), (W, H))
        yield image * (1 - boat[..., 3:]) + boat[..., :3] * boat[..., 3:]


def old_film() -> Film:
    """A man who walks past a house, on a print with scratches, dust, flicker and weave."""
    rng = np.random.default_rng(8)
    street = town(rng, (H + 20, W + 20), 2)
    for number in range(FRAMES):
        image = street.copy()
        walker(image, 40 + 12.0 * number, 350, 0.5 * number, 1.2)
        dx, dy = rng.normal(0, 1.2, 2)
        image = cv2.warpAffine(image, np.float32([[1, 0, -10 + dx], [0, 1, -10 + dy]]), (W, H))
        grey = (image @ np.float32([0.3, 0.59, 0.11])) * rng.normal(1, 0.07) + rng.normal(0, 0.05, (H, W)).astype(
            np.float32
        )
        for x in (150 + 3 * np.sin(number), 470 + 2 * np.cos(2 * number)):
            if rng.random() < 0.75:
                cv2.line(grey, (round(x), 0), (round(x + rng.normal(0, 2)), H), 0.95, 1, cv2.LINE_AA)
        for _ in range(rng.poisson(5)):
            oval(grey, tuple(rng.uniform(0, (W, H))), tuple(rng.uniform(1.5, 7, 2)), float(rng.choice([0.05, 0.95])))
        yield grey[..., None] * np.float32([1.0, 0.95, 0.84])


def drone() -> Film:
    """A town from above, over which the camera flies while it turns a little."""
    rng = np.random.default_rng(9)
    size = 1600
    plan = ground((0.24, 0.36, 0.16), (0.42, 0.44, 0.24), 120, rng, (size, size))
    for at in range(0, size, 130):
        plan[at : at + 22] = plan[:, at : at + 22] = (0.42, 0.41, 0.40)
    for top in range(22, size - 110, 130):
        for left in range(22, size - 110, 130):
            for y in (top + 8, top + 58):
                for x in (left + 8, left + 58):
                    if rng.random() < 0.8:
                        wide, high = rng.uniform(26, 40, 2)
                        box(plan, (x + 5, y + 5), (wide, high), (0.12, 0.14, 0.10))
                        roof = tuple((np.array([0.66, 0.36, 0.26]) * rng.uniform(0.6, 1.25)).tolist())
                        box(plan, (x, y), (wide, high), roof)
                        box(plan, (x, y), (wide, high / 2), tuple(0.8 * value for value in roof))
    corners = np.float32([[0, 0], [W, 0], [W, H], [0, H]])
    for number in range(FRAMES):
        turn, ahead = np.deg2rad(0.25 * number), 7.0 * number
        seen = np.float32([[-620, -560], [620, -560], [210, 120], [-210, 120]])
        turned = seen @ np.float32([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]) + (800, 1150 - ahead)
        matrix = cv2.getPerspectiveTransform(turned.astype(np.float32), corners)
        image = cv2.warpPerspective(plan, matrix, (W, H), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REFLECT)
        haze = np.linspace(0.45, 0, H, dtype=np.float32)[:, None, None]
        yield image * (1 - haze) + haze * np.float32([0.78, 0.84, 0.90])


def cartoon() -> Film:
    """A figure in flat colours that is drawn anew in every second frame, and walks on a still ground."""
    rng = np.random.default_rng(10)
    behind = np.full((H, W, 3), (0.55, 0.80, 0.92), np.float32)
    oval(behind, (160, 420), (300, 170), (0.45, 0.72, 0.34))
    oval(behind, (520, 430), (280, 150), (0.36, 0.62, 0.30))
    oval(behind, (540, 70), (34, 34), (0.98, 0.86, 0.36))
    for x in rng.uniform(0, W, 24):
        oval(behind, (x, rng.uniform(300, 350)), (4, 4), (0.92, 0.30, 0.40))
    for number in range(FRAMES):
        drawn = number // 2 * 2
        image, x = behind.copy(), 120.0 + 8 * drawn
        hop = 46 * abs(np.sin(0.32 * drawn))
        y = 236 - hop
        for side in (-1, 1):
            foot = np.array([[x + 18 * side, y + 40], [x + 22 * side + 14 * np.sin(0.64 * drawn) * side, y + 84]])
            cv2.polylines(image, [foot.round().astype(np.int32)], False, (0.1, 0.1, 0.1), 11, cv2.LINE_AA)
        for grown, color in ((4, (0.08, 0.08, 0.08)), (0, (0.96, 0.62, 0.18))):
            oval(image, (x, y), (54 + grown, 60 - 0.12 * hop + grown), color)
        for side in (-1, 1):
            oval(image, (x + 18 * side + 6, y - 18), (13, 17), (1, 1, 1))
            oval(image, (x + 18 * side + 11, y - 16), (6, 8), (0.05, 0.05, 0.05))
        cv2.ellipse(image, (round(x + 6), round(y + 14)), (22, 14), 0, 10, 170, (0.08, 0.08, 0.08), 5, cv2.LINE_AA)
        yield image


KINDS: dict[str, Callable[[], Film]] = {
    "talking": talking,
    "low-light": low_light,
    "timelapse": timelapse,
    "rain": rain,
    "screen": screen,
    "scoreboard": scoreboard,
    "water": water,
    "old-film": old_film,
    "drone": drone,
    "cartoon": cartoon,
}


def write_clip(frames: Film, path: Path) -> None:
    """Half as large as they were drawn, as a camera's H.264."""
    size = (W // 2, H // 2)
    small = (cv2.resize(frame.astype(np.float32), size, interpolation=cv2.INTER_AREA) for frame in frames)
    raw = ffmpeg.input("pipe:", format="rawvideo", pix_fmt="rgb24", s="{}x{}".format(*size), r=24)
    encoded = raw.output(str(path), pix_fmt="yuv420p", crf=20, loglevel="error").overwrite_output()
    pixels = b"".join(np.rint(255 * frame.clip(0, 1)).astype(np.uint8).tobytes() for frame in small)
    encoded.run(cmd=imageio_ffmpeg.get_ffmpeg_exe(), input=pixels)


def strip(clip: Path, painting: Path) -> np.ndarray:
    """Six frames of a clip above the same of its painting, and beside each one row of pixels over time, downwards."""
    rows = []
    for name, path in {"the clip": clip, "painted": painting}.items():
        film = [frame.image for frame in read_frames(probe(path))]
        chosen = range(4, len(film), 8)
        cells = {f"{name}, frame {number + 1}": film[number] for number in chosen}
        over_time = np.stack([image[round(0.55 * len(image))] for image in film])
        rows.append(joined(cells | {"a row over time": cv2.resize(over_time, None, fx=1, fy=3.75)}, 200))
    return np.concatenate(rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("kinds", nargs="*", default=list(KINDS))
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--preset", default="standard")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = chosen.keep or Path(scratch)
        folder.mkdir(exist_ok=True)
        for kind in chosen.kinds:
            clip, painting = folder / f"{kind}.mp4", folder / f"{kind}-painted.mkv"
            write_clip(KINDS[kind](), clip)
            settings = preset(chosen.preset).replace(codec="ffv1")
            for _ in stylize_video(clip, [StyleImage(STYLE)], painting, settings, overwrite=True):
                pass
            write_image(HERE / "footage" / f"{kind}.jpg", strip(clip, painting))
