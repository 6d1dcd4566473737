"""Frames out of a clip: exact by presentation time, upright, in RGB."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import av
import cv2
import numpy as np
from av.container import InputContainer
from av.filter import Graph
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream

from vidstyle.errors import InputError
from vidstyle.media import demuxer
from vidstyle.media.images import plates
from vidstyle.media.images.opacity import with_invisible_filled
from vidstyle.media.images.pictures import read_image_alpha
from vidstyle.media.source import Source

FrameStatus = Literal["ok", "repeated", "corrupt", "fitted"]
_Read = tuple[int, np.ndarray, np.ndarray | None, FrameStatus]

# The pixels that a clip's frames have when they are decoded.
_STORED = "stored"
# What the deinterlacer is told, by which frames are interlaced.
_DEINTERLACED = {"marked": "deint=interlaced", "top": "deint=all:parity=tff", "bottom": "deint=all:parity=bff"}
# By how much the shape of a frame's pixels may differ from the first frame's: one shape is rounded in many ways.
_SAME_SHAPE = 0.01
# Parts of a pixel's height that its width is counted in.
_SHAPES = 3600
# How far before the wanted frame, in seconds, decoding may begin; after these, from the very start.
_LEADS = (Fraction(0), Fraction(1), Fraction(4), Fraction(16))


@dataclass(frozen=True)
class Frame:
    """One frame of a clip.

    Attributes
    ----------
    index, pts
        Its number, from 0, and presentation time in the source's ticks.
    image
        (H, W, 3) float32 RGB, 0..1: what is stored, by the source's display transform.
    alpha
        (H, W) float32 opacity, 0..1, or None.
    status
        "repeated" where the frame can't be decoded and an earlier one is shown in its place; "corrupt" where the
        decoder concealed an error; "fitted" where its size, or its pixels' shape, is another than the clip's.
    cover
        (H, W, 1) what the colours are multiplied by in the file, where that is so: the opacity, or light without any.
    """

    index: int
    pts: int
    image: np.ndarray
    alpha: np.ndarray | None
    status: FrameStatus = "ok"
    cover: np.ndarray | None = None


def read_frames(
    source: Source,
    start: int = 0,
    stop: int | None = None,
    size: tuple[int, int] | None = None,
    *,
    to_paint: bool = False,
) -> Iterator[Frame]:
    """The frames `start` to `stop` (exclusive; None: all) in order, exactly those that :func:`probe` counted.

    Where one can't be decoded, it is an earlier one again.

    Parameters
    ----------
    source
        The probed clip.
    start, stop
        Frame numbers, from 0.
    size
        Width and height to resize to; None keeps the clip's.
    to_paint
        Whether pixels that can't be seen take the colours of those around them: as they are stored, they would decide
        what a painting looks like.

    Raises
    ------
    InputError
        No frame can be decoded, or the clip holds fewer than it did when it was probed.
    """
    stop = len(source.pts) if stop is None else min(stop, len(source.pts))
    if start >= stop:
        return
    images = _pictures(source, start, stop) if source.files else _video(source, start, stop)
    for index, image, alpha, status in images:
        if to_paint and alpha is not None and not source.display.floating:
            image = with_invisible_filled(image, alpha)
        image = resize(image, size, bounded=not source.display.floating)
        cover = None
        if alpha is not None:
            alpha = resize(alpha, size)
            if source.window and source.display.floating:
                cover = plates.coverage(image, alpha)
                image = plates.unpremultiplied(image, cover)
            alpha = np.clip(alpha, 0, 1)
        yield Frame(index, source.pts[index], source.display.to_display(image), alpha, status, cover)


def frame_shape(frame: VideoFrame) -> Fraction:
    """The width of a pixel over its height, as a decoded frame itself says it, to a 3600th; 1 where it says none.

    It can be told from a clip's, which its container may say otherwise, and may change within the clip.
    """
    graph = Graph()
    steps = [
        graph.add_buffer(
            width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base or Fraction(1)
        ),
        graph.add("setparams", "color_primaries=unknown:color_trc=unknown:colorspace=unknown"),
        graph.add("scale", f"w=clip(round(sar*{_SHAPES}),{_SHAPES // 16},{_SHAPES * 16}):h=8:eval=frame"),
        graph.add("buffersink"),
    ]
    graph.link_nodes(*steps).configure()
    graph.push(frame)
    return Fraction(next(_pull(graph)).width, _SHAPES)


def is_shown_as_stored(source: Source, size: tuple[int, int]) -> bool:
    """Whether a clip's stored frames are its shown ones: not turned, not scaled, and no pictures."""
    upright = (source.rotation, source.mirrored, source.files, source.uneven) == (0, False, (), False)
    return upright and size == source.size


def read_stored(source: Source, start: int, stop: int) -> Iterator[VideoFrame]:
    """The frames `start` to `stop` as :func:`read_frames`, deinterlaced, but in the pixels that the clip stores.

    Raises
    ------
    InputError
        As :func:`read_frames`.
    """
    return (frame for _, frame, _ in _visible_frames(source, start, stop, _STORED))


def resize(image: np.ndarray, size: tuple[int, int] | None, bounded: bool = True) -> np.ndarray:
    """An (H, W[, C]) image at width and height `size`: averaged if it shrinks, Lanczos if it grows.

    `bounded` keeps what Lanczos overshoots within 0..1.
    """
    if size is None or size == image.shape[1::-1]:
        return image
    method = cv2.INTER_AREA if size[0] * size[1] < image.shape[0] * image.shape[1] else cv2.INTER_LANCZOS4
    resized: np.ndarray = cv2.resize(image, size, interpolation=method)
    return resized.clip(0, 1) if bounded else resized


def _pictures(source: Source, start: int, stop: int) -> Iterator[_Read]:
    for index in range(start, stop):
        if source.window:
            yield (index, *plates.read_plate(source.files[index], source.window), "ok")
            continue
        image, alpha = read_image_alpha(source.files[index])
        if image.shape[:2] != (source.height, source.width):
            raise InputError(
                f"'{source.files[index]}' is {image.shape[1]}×{image.shape[0]} pixels, not {source.width}×"
                f"{source.height} as the first: the pictures of a clip must be of one size."
            )
        yield index, image, alpha, "ok"


def _video(source: Source, start: int, stop: int) -> Iterator[_Read]:
    for index, frame, status in _visible_frames(source, start, stop, "rgba64le" if source.has_alpha else "rgb48le"):
        turned = (frame.width, frame.height) if source.rotation in (0, 180) else (frame.height, frame.width)
        yield (index, *_upright(source, frame), "fitted" if status == "ok" and turned != source.size else status)


def _visible_frames(
    source: Source, start: int, stop: int, pixels: str
) -> Iterator[tuple[int, VideoFrame, FrameStatus]]:
    """The decoded frames `start` to `stop` with their numbers, in the pixels of FFmpeg's name.

    For one that can't be decoded the one before stands, and for the first ones the one after.
    """
    expected = start
    shown: VideoFrame | None = None
    try:
        for index, frame in _decoded_from(source, start, pixels):
            for repeated in range(expected, min(index, stop)):
                yield repeated, shown or frame, "repeated"
            expected = max(expected, min(index, stop))
            if expected == stop:
                return
            shown = frame
            if index == expected:
                yield index, frame, "corrupt" if frame.is_corrupt else "ok"
                expected += 1
    except av.FFmpegError as error:
        after = f"frame {source.number(expected - 1)}" if expected else "its beginning"
        raise InputError(
            f"'{source.path}' can't be read after {after} ({demuxer.error_text(error)}): copy or download it again."
        ) from error
    if shown is None:
        raise _changed_since_probe(source, expected)
    for repeated in range(expected, stop):
        yield repeated, shown, "repeated"


def _changed_since_probe(source: Source, index: int) -> InputError:
    count = len(source.pts)
    return InputError(
        f"frame {source.number(index)} of '{source.path}' isn't there, though the file had {count} when it was looked "
        "through. Did it change meanwhile, or is its disk failing? Copy or download it again."
    )


def _decoded_from(source: Source, start: int, pixels: str) -> Iterator[tuple[int, VideoFrame]]:
    """Numbered frames, beginning at or before `start` where one of these can be decoded."""
    for lead in _LEADS if source.seekable and start and not source.damaged else ():
        with demuxer.opened(source.path) as container:
            stream = demuxer.stream_at(container, source.stream)
            if _seek(container, stream, source, start, lead):
                numbered = _numbered_by_pts(source, stream, demuxer.Decoder(container, stream), pixels)
                first = None
                with contextlib.suppress(InputError):  # if the file has changed, its beginning tells, too
                    first = _frame_at(numbered, start)
                if first is not None:
                    yield first
                    yield from numbered
                    return
                break  # a stream without true keyframes is whole only from its beginning
    with demuxer.opened(source.path) as container:
        stream = demuxer.stream_at(container, source.stream)
        decoder = demuxer.Decoder(container, stream, threads=not source.damaged)
        yield from (_numbered_by_pts if source.seekable else _numbered_by_count)(source, stream, decoder, pixels)


def _frame_at(numbered: Iterator[tuple[int, VideoFrame]], start: int) -> tuple[int, VideoFrame] | None:
    """The frame of number `start`; None where the decoder comes in too late, or with a frame made of earlier ones.

    None, too, where it has to mend one on the way: what it must know may be said at the beginning alone, as with 4:4:4
    of an x264 before 2018, which FFmpeg decodes only if it has read x264's version.
    """
    found = begin = next(numbered, None)
    if begin is None or begin[1].pict_type == PictureType.P:
        return None
    while found is not None and found[0] < start and not found[1].is_corrupt:
        found = next(numbered, None)
    return found if found is not None and found[0] == start and not found[1].is_corrupt else None


def _numbered_by_count(
    source: Source, stream: VideoStream, decoder: demuxer.Decoder, pixels: str
) -> Iterator[tuple[int, VideoFrame]]:
    index = -1
    for index, frame in enumerate(_filtered(source, stream, decoder, pixels)):
        yield index, frame
    if index + 1 < len(source.pts):
        raise _changed_since_probe(source, index + 1)


def _numbered_by_pts(
    source: Source, stream: VideoStream, decoder: demuxer.Decoder, pixels: str
) -> Iterator[tuple[int, VideoFrame]]:
    """Frames by their presentation times, and an earlier one again where a packet says that nothing has changed.

    Raises
    ------
    InputError
        Even the packets of the last frames are missing: this is not the file that was probed.
    """
    numbers = {pts: index for index, pts in enumerate(source.pts)}
    shown: tuple[int, VideoFrame] | None = None
    for frame in _filtered(source, stream, decoder, pixels):
        assert frame.pts is not None and frame.time_base is not None
        index = numbers.get(round(frame.pts * frame.time_base / source.time_base))
        if index is None:
            continue
        if shown is not None:
            yield from _repeats(source, decoder, shown, index)
        shown = (index, frame)
        yield shown
    if shown is not None:
        yield from _repeats(source, decoder, shown, len(source.pts))
    for index in range(shown[0] + 1 if shown is not None else 0, len(source.pts)):
        if source.pts[index] not in decoder.packet_times:
            raise _changed_since_probe(source, index)


def _repeats(
    source: Source, decoder: demuxer.Decoder, shown: tuple[int, VideoFrame], stop: int
) -> Iterator[tuple[int, VideoFrame]]:
    for index in range(shown[0] + 1, stop):
        if source.pts[index] in decoder.unchanged_times:
            yield index, shown[1]


def _seek(container: InputContainer, stream: VideoStream, source: Source, start: int, lead: Fraction) -> bool:
    """Go to a keyframe shown at or before the frame before `start`, and say whether that worked.

    A container seeks by decoding time, so the keyframe it finds may be shown too late: then the frames shown
    between cannot be decoded. One frame earlier than asked, since deinterlacing looks back at its neighbour.
    """
    wanted = source.pts[start - 1]
    target = wanted - round(lead / source.time_base)
    if target <= source.pts[0]:
        return False
    try:
        container.seek(target, stream=stream)
        first = next(demuxer.packets(container, stream), None)
        if first is None or not first.is_keyframe or first.pts is None or first.pts > wanted:
            return False
        container.seek(target, stream=stream)
    except av.FFmpegError:
        return False
    return True


def _filtered(source: Source, stream: VideoStream, decoder: demuxer.Decoder, pixels: str) -> Iterator[VideoFrame]:
    """Decoded frames in these pixels, deinterlaced where the clip is interlaced."""
    graph: Graph | None = None
    layout = None
    for frame in decoder:
        found = (frame.width, frame.height, frame.format.name)
        if graph is None or found != layout:  # some streams change on the way
            if graph is not None:
                yield from _flush(graph)
            graph, layout = _graph(source, frame, pixels), found
        graph.push(frame)
        yield from _pull(graph)
    if graph is not None:
        yield from _flush(graph)


def _graph(source: Source, frame: VideoFrame, pixels: str) -> Graph:
    graph = Graph()
    steps = [
        graph.add_buffer(
            width=frame.width,
            height=frame.height,
            format=frame.format,
            time_base=frame.time_base or source.time_base,
        )
    ]
    if source.interlaced:
        steps.append(graph.add("bwdif", f"mode=send_frame:{_DEINTERLACED[source.interlaced]}"))
    # Values stay as they are, whatever light they stand for: tagged ones would be refused, or converted, by the scaler.
    steps.append(graph.add("setparams", "color_primaries=unknown:color_trc=unknown"))
    if pixels != _STORED:
        matrix = "" if source.color.space == "gbr" else f"in_color_matrix={source.color.matrix(source.size)}:"
        full = "in_range=pc:" if source.color.range == "pc" else ""
        change = f"sar/{float(source.frame_shape)}"
        width = f"w=if(lt(abs({change}-1),{_SAME_SHAPE}),iw,max(1,round(iw*clip({change},0.25,4)))):eval=frame:"
        flags = "flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp"
        steps.append(graph.add("scale", f"{width}h=ih:{matrix}{full}{flags}"))
        steps.append(graph.add("format", pixels))
    steps.append(graph.add("buffersink"))
    graph.link_nodes(*steps).configure()
    return graph


def _pull(graph: Graph) -> Iterator[VideoFrame]:
    while True:
        try:
            frame = graph.pull()
        except (BlockingIOError, EOFError):
            return
        assert isinstance(frame, VideoFrame)
        yield frame


def _flush(graph: Graph) -> Iterator[VideoFrame]:
    graph.push(None)
    yield from _pull(graph)


def _upright(source: Source, frame: VideoFrame) -> tuple[np.ndarray, np.ndarray | None]:
    pixels = np.rot90(frame.to_ndarray(), -source.rotation // 90)
    if source.mirrored:
        pixels = pixels[:, ::-1]
    if pixels.shape[:2] != (source.height, source.width):
        pixels = _fitted(pixels, source.size)
    # A contiguous array is converted to floats in half the time.
    image = np.ascontiguousarray(pixels[..., :3]).astype(np.float32)
    image *= np.float32(1 / source.color.white(source.bit_depth))
    np.minimum(image, 1, out=image)
    if not source.has_alpha:
        return image, None
    opaque = (2**source.bit_depth - 1) << (16 - source.bit_depth)
    return image, np.minimum(pixels[..., 3].astype(np.float32) / np.float32(opaque), 1)


def _fitted(pixels: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Pixels of another frame's size as large as they fit into one of that size, in their own shape, on black."""
    height, width = pixels.shape[:2]
    scale = min(size[0] / width, size[1] / height)
    inner = min(size[0], max(1, round(width * scale))), min(size[1], max(1, round(height * scale)))
    scaled = cv2.resize(np.ascontiguousarray(pixels), inner, interpolation=cv2.INTER_AREA)
    whole = np.zeros((size[1], size[0], *pixels.shape[2:]), pixels.dtype)
    left, top = (size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2
    whole[top : top + inner[1], left : left + inner[0]] = scaled
    return whole
