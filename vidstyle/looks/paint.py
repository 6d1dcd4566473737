"""Frames painted in several looks, as many at once as there are cores for, and each coarse before any is fine."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial

import cv2
import numpy as np
import torch

from vidstyle.errors import InputError, NonFiniteLoss
from vidstyle.generators import Run
from vidstyle.jobs.masks import mask_frames
from vidstyle.looks.board import Look, Subject
from vidstyle.media.images.stills import read_style
from vidstyle.media.source import Source
from vidstyle.parallel import together
from vidstyle.render.direction.coverage import Masks, coverage, within
from vidstyle.render.direction.panorama import joined, widened
from vidstyle.render.output_frames import mix
from vidstyle.settings import Mask, Settings, value_at
from vidstyle.style.evaluations import SolveProgress
from vidstyle.style.network.device import Device, select_device
from vidstyle.style.network.remembered import RememberedNetwork
from vidstyle.style.request import Asked
from vidstyle.style.solver import FrameSolver, Solution, feature_network

# What a weight changes is asked of a frame, and needs no solver of its own.
_ASKED = {"content_weight": 1.0, "style_weight": 1.0, "tv_weight": 1.0}
# Settings that say what is done with a painting, and nothing of how it is solved.
_SHOWN = {"strength": 1.0, "colors": "style", "bars": "keep"}
# Share of its evaluations, most of them small ones, after which a look is worth a look.
_COARSE = 0.1
# Solves of a painter that wait half done; what is beyond that is begun anew, at a sixth of its time.
_WAITING = 32
# Painters at once, and pixels that they paint at once. Two of small frames on a core each are done in two thirds of the
# time that one takes on both; larger ones keep both at work, and take memory.
_AT_ONCE, _PIXELS_AT_ONCE = 4, 2**19


@dataclass(frozen=True)
class LookStep:
    """A step on a look of a frame, both by their places.

    Attributes
    ----------
    image
        The look as far as it has come, (H, W, 3) in 0..1, where it is worth a look; `done`: it is finished.
    share
        Of all evaluations that all looks are expected to take, how many are spent.
    evaluations, expected, losses
        As of :class:`vidstyle.style.evaluations.SolveProgress`.
    """

    look: int
    frame: int
    share: float
    evaluations: float = 0.0
    expected: float = 0.0
    losses: Mapping[str, float] = field(default_factory=dict)
    image: np.ndarray | None = None
    done: bool = False


def paint(source: Source, looks: Sequence[Look], subjects: Sequence[Subject]) -> Generator[LookStep, None, None]:
    """Paint each frame in each look, coarse first, then all finely.

    Raises
    ------
    InputError, UsageError, DependencyError
        A style or the weights can't be used, or a frame can't be painted.
    """
    places = list(itertools.product(range(len(subjects)), range(len(looks))))
    run = looks[0].settings.run
    device = select_device(run)
    before = torch.get_num_threads()
    cores = run.threads or before
    count = _painters(device, min(cores, len(places)), subjects[0])
    painters = [_Painter(source, looks, subjects, device) for _ in range(count)]
    whole = len(places) - len(places) % count
    rounds = (
        (_Painter.coarse, places),
        (_Painter.fine, places[:whole]),
        (_Painter.fine, places[whole:]),  # the last ones have more cores each
    )
    spent: dict[tuple[int, int], float] = {}
    try:
        for phase, wanted in rounds:
            shared = [(painter, part) for first, painter in enumerate(painters) if (part := wanted[first::count])]
            works = [partial(_with_threads, cores // len(shared), partial(phase, *one)) for one in shared]
            with closing(together(works, "look")) as steps:
                for step in steps:
                    spent[step.frame, step.look] = step.share
                    yield replace(step, share=sum(spent.values()) / len(places))
    except NonFiniteLoss as error:
        raise InputError(f"{source.path}: can't be painted: {error}") from None
    finally:
        torch.set_num_threads(before)


def _painters(device: Device, most: int, subject: Subject) -> int:
    """How many looks are painted at once: small frames leave cores idle, one waiting for the other."""
    height, width = subject.image.shape[:2]
    return min(most, max(1, min(_AT_ONCE, _PIXELS_AT_ONCE // (height * width)))) if device.device.type == "cpu" else 1


def _with_threads(threads: int, work: Callable[[], Iterator[LookStep]]) -> Iterator[LookStep]:
    torch.set_num_threads(threads)  # of this thread
    yield from work()


class _Painter:
    """Paints frames in looks one after the other, by one network."""

    def __init__(self, source: Source, looks: Sequence[Look], subjects: Sequence[Subject], device: Device) -> None:
        self._source, self._looks, self._subjects = source, looks, subjects
        self._paths = list(dict.fromkeys(style.path for look in looks for style in look.styles))
        self._device = device
        self._networks: dict[str, RememberedNetwork] = {}
        self._solvers: dict[str, FrameSolver] = {}
        self._waiting: dict[tuple[int, int], tuple[Run[SolveProgress, Solution], Iterator[SolveProgress]]] = {}
        self._read: dict[tuple[Mask, int], np.ndarray] = {}

    def coarse(self, places: Sequence[tuple[int, int]]) -> Iterator[LookStep]:
        """Some, by the places of their frame and their look, as far as they are worth a look."""
        for place in places:
            run, steps = _begun(self._solve(*place))
            for step in steps:
                yield self._step(place, step)
                if step.evaluations >= _COARSE * step.expected:
                    yield self._step(place, step, self._shown(*place, step.image()))
                    break
            if len(self._waiting) < _WAITING:
                self._waiting[place] = run, steps

    def fine(self, places: Sequence[tuple[int, int]]) -> Iterator[LookStep]:
        """Some to their end."""
        for place in places:
            run, steps = self._waiting.pop(place) if place in self._waiting else _begun(self._solve(*place))
            for step in steps:
                yield self._step(place, step)
            image = self._shown(*place, run.result.image)
            yield LookStep(
                place[1], place[0], 1.0, run.result.evaluations, 0.0, run.result.losses, image=image, done=True
            )

    def _step(self, place: tuple[int, int], step: SolveProgress, image: np.ndarray | None = None) -> LookStep:
        share = min(step.evaluations / step.expected, 1.0)
        return LookStep(place[1], place[0], share, step.evaluations, step.expected, step.losses, image)

    def _solve(self, frame: int, look: int) -> Generator[SolveProgress, None, Solution]:
        chosen, subject = self._looks[look], self._subjects[frame]
        height, width = subject.image.shape[:2]
        margin = chosen.settings.media.margin(width)
        weights = {style.path: value_at(style.weight, subject.index) for style in chosen.styles}
        shares = tuple(weights.get(path, 0.0) for path in self._paths)
        masks = tuple(None if mask is None else widened(mask, margin) for mask in self._masks(frame, look))
        area = None if (bars := self._bars(frame, look)) is None else widened(bars, margin)
        asked = Asked(chosen.settings.at(subject.index), shares, masks, area)
        solver = self._solver(chosen.settings, (height, width + 2 * margin))
        return solver.first(widened(subject.to_paint, margin), asked)

    def _shown(self, frame: int, look: int, painted: np.ndarray) -> np.ndarray:
        """A painting, or a coarse one enlarged, as the film would show it."""
        media, subject = self._looks[look].settings.media, self._subjects[frame]
        height, width = subject.image.shape[:2]
        margin = media.margin(width)
        if painted.shape[0] != height:
            painted = cv2.resize(painted, (width + 2 * margin, height), interpolation=cv2.INTER_CUBIC)
        painted = joined(painted, margin)
        if subject.light is not None and media.light == "film":
            painted = subject.light.put_on(0).on(painted)
        return mix(subject.image, painted, media, subject.index, self._covered(frame, look))

    def _covered(self, frame: int, look: int) -> np.ndarray | None:
        """How far each pixel is painted, by the masks and the bars; None: all of them fully."""
        used = {style.path for style in self._looks[look].styles}
        masks = zip(self._paths, self._masks(frame, look), strict=False)
        covered, area = coverage(tuple(mask for path, mask in masks if path in used)), self._bars(frame, look)
        return covered if area is None else area if covered is None else area * covered

    def _masks(self, frame: int, look: int) -> Masks:
        """Of all styles, at a frame; none where a look has none."""
        masks = {style.path: self._mask(style.mask, frame) for style in self._looks[look].styles if style.mask}
        return tuple(masks.get(path) for path in self._paths) if masks else ()

    def _mask(self, mask: Mask, frame: int) -> np.ndarray:
        """A mask at a frame, which is read once, however many looks have it and however often they are shown."""
        if (mask, frame) not in self._read:
            subject = self._subjects[frame]
            height, width = subject.image.shape[:2]
            here = range(subject.index, subject.index + 1)
            _, self._read[mask, frame] = next(mask_frames(mask, self._source, here, (width, height)))
        return self._read[mask, frame]

    def _bars(self, frame: int, look: int) -> np.ndarray | None:
        """Where a frame is painted: not in its bars."""
        subject = self._subjects[frame]
        if subject.picture is None or self._looks[look].settings.media.bars == "paint":
            return None
        height, width = subject.image.shape[:2]
        return within(subject.picture, (width, height))

    def _solver(self, settings: Settings, size: tuple[int, int]) -> FrameSolver:
        """One for all looks that differ in what is asked of a frame alone."""
        settings = settings.replace(**_ASKED, **_SHOWN)
        known = json.dumps([settings.to_dict(), size])
        if known not in self._solvers:
            scale, largest = settings.objective.style_scale, settings.media.max_megapixels
            shown = self._source.display.from_srgb
            styles = [(shown(read_style(path, size[::-1], scale, largest)), 1.0) for path in self._paths]
            network = self._network(settings)
            self._solvers[known] = FrameSolver(styles, size, settings, self._device, network)
        return self._solvers[known]

    def _network(self, settings: Settings) -> RememberedNetwork:
        objective = settings.objective
        known = json.dumps([vars(settings.network), objective.content_layers, objective.style_layers])
        if known not in self._networks:
            made = feature_network(settings, self._device, RememberedNetwork)
            assert isinstance(made, RememberedNetwork)
            self._networks[known] = made
        return self._networks[known]


def _begun(
    solve: Generator[SolveProgress, None, Solution],
) -> tuple[Run[SolveProgress, Solution], Iterator[SolveProgress]]:
    run = Run(solve)
    return run, iter(run)
