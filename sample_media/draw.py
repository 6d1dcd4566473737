"""Draw the sample media: clip.mp4, two short scenes with sound, and wave.jpg, a painting to take the style from.

Run ``python sample_media/draw.py``; the files appear beside this script, the same every time on the same machine.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from landscape import HEIGHT, WIDTH
from painting import paint_wave
from scenes import Bay, Lavender

HERE = Path(__file__).parent
RATE, FRAMES, CUT = 24, 48, 29  # frames a second, in all, and the first of the second scene
SAMPLE_RATE = 48_000


def develop(color: np.ndarray, size: tuple[int, int] = (WIDTH, HEIGHT)) -> np.ndarray:
    """An 8-bit frame from linear colours: averaged to a width and height, highlights rolled off (Narkowicz's ACES)."""
    x = 0.56 * np.clip(cv2.resize(color, size, interpolation=cv2.INTER_AREA), 0, None)
    toned = x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14)
    return np.round(255 * np.clip(toned, 0, 1) ** (1 / 2.2)).astype(np.uint8)


def pluck(frequency: float, seconds: float, rng) -> np.ndarray:
    """A plucked string (Karplus and Strong, 1983)."""
    string = rng.uniform(-1, 1, round(SAMPLE_RATE / frequency - 0.5))
    periods = []
    while len(periods) * len(string) < seconds * SAMPLE_RATE:
        periods.append(string)
        string = 0.498 * (string + np.roll(string, 1))
    return np.concatenate(periods)[: round(seconds * SAMPLE_RATE)]


def sea(seconds: float, rng) -> np.ndarray:
    """Surf: low-passed noise that swells once a second and a half."""
    count = round(seconds * SAMPLE_RATE)
    frequency = np.fft.rfftfreq(count, 1 / SAMPLE_RATE)
    shape = 1 / np.sqrt(1 + (frequency / 500) ** 2) * (frequency > 60)
    noise = np.fft.irfft(np.fft.rfft(rng.standard_normal(count)) * shape, count)
    swell = 0.55 - 0.45 * np.cos(2 * np.pi * np.arange(count) / SAMPLE_RATE / 1.5 + rng.uniform(0, 1))
    return noise / noise.std() * swell


def sound(seconds: float, rng) -> np.ndarray:
    """The clip's sound, (2, samples): a chord rolled on a harp over the sea, another one from the cut on."""
    count = round(seconds * SAMPLE_RATE)
    mixed = 0.035 * np.stack([sea(seconds, rng), sea(seconds, rng)])
    chords = (
        (0.0, (146.83, 220.00, 293.66, 369.99, 440.00, 659.26)),
        (CUT / RATE, (196.00, 293.66, 392.00, 493.88, 587.33)),
    )
    for start, chord in chords:
        for k, frequency in enumerate(chord):
            first = round((start + 0.07 * k) * SAMPLE_RATE)
            note = 0.22 * pluck(frequency, (count - first) / SAMPLE_RATE, rng)
            pan = 0.25 + 0.5 * k / (len(chord) - 1)
            mixed[:, first:] += np.outer((np.sqrt(1 - pan), np.sqrt(pan)), note)
    fade = np.minimum(1, (count - np.arange(count)) / (0.15 * SAMPLE_RATE))
    return (0.6 / np.abs(mixed).max() * mixed * fade).astype(np.float32)


def shot(scene: type[Bay] | type[Lavender], count: int) -> list[np.ndarray]:
    """The first ``count`` frames of a scene, (180, 320, 3) each, 8 bits."""
    seen = scene(np.random.default_rng(1))
    return [develop(seen.view(index / RATE)) for index in range(count)]


def write_clip(path: Path, frames: list[np.ndarray]) -> None:
    """Encode the clip with its sound: H.264 in BT.709 colours, and stereo AAC."""
    with av.open(str(path), "w", container_options={"fflags": "+bitexact", "movflags": "+faststart"}) as container:
        video = container.add_stream("libx264", rate=RATE, options={"crf": "16", "preset": "veryslow", "threads": "1"})
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        context = video.codec_context
        context.colorspace = context.color_primaries = context.color_trc = 1  # BT.709
        context.color_range = 1  # 16..235
        audio = container.add_stream("aac", rate=SAMPLE_RATE, layout="stereo", options={"b": "160k"})
        for index, image in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(image, "rgb24").reformat(
                format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG"
            )
            frame.pts, frame.time_base = index, Fraction(1, RATE)
            container.mux(video.encode(frame))
        container.mux(video.encode())
        samples = sound(FRAMES / RATE, np.random.default_rng(3))
        for first in range(0, samples.shape[1], 1024):
            chunk = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples[:, first : first + 1024]), "fltp", "stereo")
            chunk.sample_rate, chunk.pts, chunk.time_base = SAMPLE_RATE, first, Fraction(1, SAMPLE_RATE)
            container.mux(audio.encode(chunk))
        container.mux(audio.encode())


def main() -> None:
    """Draw both files, the scenes and the painting side by side."""
    with ProcessPoolExecutor() as pool:
        bay, lavender = pool.submit(shot, Bay, CUT), pool.submit(shot, Lavender, FRAMES - CUT)
        painting = pool.submit(paint_wave, np.random.default_rng(7)).result()
        cv2.imwrite(str(HERE / "wave.jpg"), painting[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])
        write_clip(HERE / "clip.mp4", bay.result() + lavender.result())


if __name__ == "__main__":
    main()
