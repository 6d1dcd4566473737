"""What the help says of each setting: its flag, the values that it takes, and what they do."""

from __future__ import annotations

from typing import NamedTuple

from vidstyle.settings import CODEC_NAMES

FILES, LOOK, MOTION, SOLVER = "Input and output", "Look", "Motion", "Solver"
RUN, JOB, DISPLAY = "Run", "Job", "Display"
PANELS = (FILES, LOOK, MOTION, SOLVER, RUN, JOB, DISPLAY)
"""The panels of the help text, in the order they appear in."""


class Flag(NamedTuple):
    """A setting's panel, what its value is called, and what it does."""

    panel: str
    placeholder: str
    help: str


FLAGS = {
    "size": Flag(FILES, "PIXELS", "Long side of the output, in pixels; without it, the clip's own."),
    "frames": Flag(FILES, "A-B", "Only this part: frames 10-40, 10- or 7, times 13s-17s, timecodes 01:00:12:05-…"),
    "start": Flag(FILES, "TIME", "Where the painted part begins: 13s, 1:30, a timecode or a frame."),
    "limit": Flag(FILES, "TIME", "At most this much of the clip: 2s, 500ms, 1:30, or 48f for 48 frames."),
    "painted": Flag(
        FILES, "N=IMG|DIR", "A frame as you painted it, and the shot follows: 41=frame41.png, or numbered pictures."
    ),
    "crf": Flag(FILES, "0-51", "Constant rate factor of the encoder: lower is better and larger, 0 is lossless."),
    "fps": Flag(FILES, "RATE", "Frame rate of numbered pictures, such as 24 or 24000/1001; without it, theirs, or 25."),
    "colorspace": Flag(
        FILES, "NAME", "Colour space of the clip: auto, srgb, linear, pq, hlg, log, or one of the --ocio configuration."
    ),
    "ocio": Flag(FILES, "CONFIG", "OpenColorIO configuration that has the colour space of --colorspace."),
    "hdr": Flag(FILES, "", "HDR of the output: keep it, or convert to one of these; auto keeps it where possible."),
    "codec": Flag(FILES, "NAME", f"{', '.join(CODEC_NAMES)}, or a hardware encoder, as h264_nvenc; auto: the clip's."),
    "pixel_format": Flag(FILES, "420|422|444|rgb[-BITS]", "Chroma subsampling and bits a channel, such as 422-10."),
    "audio": Flag(FILES, "auto|copy|convert|none|FILE", "Audio: copy, convert, drop (none), or replace with FILE."),
    "strength": Flag(LOOK, "0-1", "Share of the painting in the output, 0 is the clip; over time: 0@0s,1@1s."),
    "colors": Flag(LOOK, "", "Colours of the output: the style's, or the clip's under the painting's brightness."),
    "bars": Flag(LOOK, "", "Black bars around the picture: as they are, or painted as a part of it."),
    "light": Flag(LOOK, "", "Fades, flashes and nights: as in the film, or the painting as bright throughout."),
    "wrap": Flag(LOOK, "", "Whether the left and right edges are neighbours; auto: where a clip is marked as 360°."),
    "deinterlace": Flag(FILES, "", "Deinterlace the clip; auto: if it is marked as interlaced or shows combs."),
    "on_damage": Flag(FILES, "", "If more than a few frames are missing or broken: stop, or paint the others."),
    "max_megapixels": Flag(FILES, "N", "Largest frame or picture to decode, in millions of pixels; 0: no limit."),
    "style_weight": Flag(LOOK, "X", "Weight of the style loss: higher shows more style; over time: 2@1,20@48."),
    "content_weight": Flag(LOOK, "X", "Weight of the content loss: higher keeps more of the clip's shapes."),
    "style_subject": Flag(LOOK, "0-1", "How much of what the style picture shows, such as a face, is copied; 1: all."),
    "style_scale": Flag(LOOK, "X", "Size of the strokes: the style picture's long side over the frame's."),
    "tv_weight": Flag(LOOK, "X", "Weight of the total variation loss: higher is smoother."),
    "detail_weight": Flag(LOOK, "X", "Weight of lettering, faces and figures: higher is easier to read."),
    "faces": Flag(LOOK, "", "Faces: keep them recognisable, by --detail-weight, or paint them like the rest."),
    "style_layers": Flag(LOOK, "LAYERS", "Network layers of the style loss, separated by commas."),
    "content_layers": Flag(LOOK, "LAYERS", "Network layers of the content loss, separated by commas."),
    "network": Flag(LOOK, "", "Feature network."),
    "network_weights": Flag(LOOK, "NAME|FILE", "Its weights: builtin, imagenet, caffe, or a state-dict file."),
    "pooling": Flag(LOOK, "", "Pooling layers of the network."),
    "padding": Flag(LOOK, "", "What the network's convolutions see beyond the edge: zeros, or the nearest pixel."),
    "temporal_weight": Flag(MOTION, "X", "Weight of the temporal loss: higher follows earlier frames more closely."),
    "temporal_frames": Flag(MOTION, "N,N", "How many solved frames back the temporal loss looks, such as 1,2,4."),
    "flow": Flag(MOTION, "", "Optical flow method; none takes every frame for still."),
    "max_inbetweens": Flag(MOTION, "N", "Most frames between two keyframes, warped from both; 0 solves every frame."),
    "cuts": Flag(MOTION, "auto|none|FILE", "Where shots begin; FILE lists their first frames, one a line."),
    "max_shot_frames": Flag(MOTION, "N", "Split longer shots into pieces, which several machines can paint."),
    "returns": Flag(MOTION, "", "A set-up that comes back begins with the paint that it had; none: each shot anew."),
    "loop": Flag(MOTION, "", "The clip is shown round and round: its end meets its beginning."),
    "steps": Flag(SOLVER, "N", "Steps of a later frame; up to a third of --first-frame-steps more where much is new."),
    "first_frame_steps": Flag(SOLVER, "N", "Steps of a shot's first frame."),
    "tolerance": Flag(SOLVER, "X", "End a frame once its loss falls by less than this share; 0 never does."),
    "optimizer": Flag(SOLVER, "", "Optimiser."),
    "objective": Flag(SOLVER, "", "What is minimised; ruder2016 is the published loss, for comparison."),
    "init": Flag(SOLVER, "", "What a shot's first frame starts from: the clip's frame, or noise."),
    "seed": Flag(SOLVER, "N", "Seed of the random numbers."),
    "device": Flag(RUN, "NAME", "Device: auto, cpu, cuda, cuda:1, mps."),
    "precision": Flag(RUN, "", "Number format of the network; auto takes bfloat16 where the device is fast at it."),
    "threads": Flag(RUN, "N", "CPU threads; 0: one per core."),
    "ffmpeg": Flag(RUN, "FILE", "The ffmpeg program; without it, one is found."),
}
"""Every setting, in the order of the help text. A setting of few values has no placeholder: it shows them."""

CLIP_ONLY = frozenset(key for key, flag in FLAGS.items() if flag.panel == MOTION) | {
    *("frames", "start", "limit", "painted", "crf", "codec", "pixel_format", "audio", "steps", "fps"),
    *("deinterlace", "on_damage", "light"),
}
"""The settings that play no part in painting a single picture."""


def flag_name(key: str) -> str:
    """The flag of a setting: ``style_weight`` is ``--style-weight``, and ``start``, ``--from``."""
    return "--from" if key == "start" else "--" + key.replace("_", "-")


def text_of(value: object) -> str:
    """A setting's value as it is written on a command line."""
    if isinstance(value, (tuple, list)):
        return ",".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else "" if value is None else str(value)
