"""The objective of a frame, made from what is asked of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from vidstyle.style.crops import Crop
from vidstyle.style.memory import StyleGain
from vidstyle.style.network.layers import is_of_colours
from vidstyle.style.network.vgg import FeatureNetwork
from vidstyle.style.objective.detail import (
    FORMS,
    detail,
    fine_detail,
    grey_detail,
    legible,
    legible_fine,
    plainness,
    reduced,
    strong_form,
)
from vidstyle.style.objective.losses import masked_positions, sliced_distance
from vidstyle.style.objective.objective import Objective, Preview
from vidstyle.style.objective.policy import LEAST_DISTANCE, Masks, ObjectivePolicy, Targets
from vidstyle.style.objective.shot_colour import ShotColour, mean_colour
from vidstyle.style.objective.terms import (
    Coefficient,
    ContentTerm,
    DetailTerm,
    Features,
    ShotColourTerm,
    SlicedTerm,
    StyleTerm,
    TemporalTerm,
    Term,
    VariationTerm,
)
from vidstyle.style.pyramid import Size
from vidstyle.style.request import FrameRequest, initial_image

# How much a shot's colour weighs, per weight of the style: at 40 no shot of three films drifts by more than two just
# visible steps of colour, at no cost in style, content or steadiness that could be measured. And by how many times the
# frame's drift the colours of what is new may be bent to make up for it.
_SHOT_COLOUR, _MADE_UP = 40.0, 2.0
# How much forms weigh, per weight of detail: at 1 little more of them is kept, and strokes begin to miss.
_FORM = 0.25
# How much the style of what is newly uncovered weighs, per weight of the style. At 1 each part of a face that turns had
# all strokes and colours of the painting to itself, and was barred with them; what is new in the frame as a whole is as
# near to the style at 0.1. A surface without any shape has nothing that could be barred, and would stay without strokes
# where a car had stood on it. Where a shot begins, what is new is a part of its first picture.
_UNCOVERED, _UNCOVERED_PLAIN = 0.1, 0.4
# Pixels of the long side of a frame above which its fine shapes are held less to its own pixels, and from which on they
# are not at all.
_FINE = 1920, 3840
# Positions of a layer that are put in order, drawn at random: all of a frame 320 pixels wide. To sort those of larger
# ones would take as long as the network.
_SAMPLE = 1 << 12


def frame_objective(
    request: FrameRequest,
    network: FeatureNetwork,
    content_layers: Sequence[str],
    policy: ObjectivePolicy,
    gain: StyleGain | None,
) -> Objective:
    """The objective of a frame, or of a crop of one, whose content is seen at some layers of the network.

    A large frame's content and style are those of its preview, in which a position of the network sees as much of the
    picture as in any preview: seen at its own size it would keep the clip's windows and twigs. Beside it only the style
    is asked for of what is finer than a preview's pixels, and fine shapes are held, which such strokes would fray.

    Without a gain, as long as it is not known, the objective has the sliced term with all of its weight, and
    :meth:`Objective.scaled` is to be told.
    """
    weights = request.weights
    small, preview = request.shrunk(), None
    seen = partial(_seen, network=network, policy=policy, sliced=gain is None or gain.sliced > 0)
    if small.size == request.size:
        looking, terms = seen(request, content_layers)
    else:
        looking, terms = seen(request, (), preview=small.frame_size)
        shown, promised = seen(small, content_layers)
        preview = Preview(small.size, Objective(shown, [*promised, *_detail_terms(small, smooth=True)]))
    styled = weights.style > 0 and bool(request.regions)
    if styled and request.disoccluded is not None and request.shot_colour is not None and weights.temporal > 0:
        terms.append(shot_colour_term(request.shot_colour, request, request.disoccluded))
    if weights.temporal > 0:
        scale = weights.temporal * policy.temporal_scale
        terms.extend(TemporalTerm(image, reliability, scale) for image, reliability in request.priors)
    if weights.tv > 0:
        terms.append(VariationTerm(weights.tv * policy.variation_scale(request.content.numel())))
    terms.extend(_detail_terms(request) if preview is None else _fine_detail_terms(request))
    objective = Objective(looking, terms, preview)
    return objective if gain is None else objective.scaled(gain)


def _seen(
    request: FrameRequest,
    content_layers: Sequence[str],
    *,
    network: FeatureNetwork,
    policy: ObjectivePolicy,
    sliced: bool,
    preview: Size | None = None,
) -> tuple[Callable[[Tensor], Features], list[Term]]:
    """How the network looks at a frame of one size, and the terms of what it sees: content and style.

    Where the frame has a `preview` of a size beside it, the style is asked for of what is finer alone.
    """
    weights = request.weights
    content_layers = content_layers if weights.content > 0 else ()
    regions = request.regions if weights.style > 0 else ()
    asked = ((region.style.at(request.frame_size, preview), region.mask) for region in regions)
    styles = [(targets, mask) for targets, mask in asked if targets]
    looking = partial(network, layers={*content_layers, *(layer for targets, _ in styles for layer in targets)})
    with torch.no_grad():
        features = looking(request.content)
    terms: list[Term] = []
    if content_layers:
        terms.append(content_term({layer: features[layer] for layer in content_layers}, weights.content, policy))
    for targets, mask in styles:
        terms.extend(_style_terms(request, targets, mask, policy, features, sliced))
    return looking, terms


def _detail_terms(request: FrameRequest, *, smooth: bool = False) -> Iterator[Term]:
    """Those of fine shapes, where there are some that are to be read, and of shapes as large as a figure."""
    content, size, weight = request.content, request.frame_size, request.weights.detail
    if request.details is None or weight <= 0:
        return
    fine = partial(detail, frame_size=size, smooth=smooth)
    mask = reduced(request.details, size, smooth=smooth).clamp(0, 1)
    yield DetailTerm("detail", fine, legible(grey_detail(content, size, smooth=smooth)), mask, weight)
    broad = partial(grey_detail, frame_size=size, long_side=FORMS, smooth=smooth)
    yield DetailTerm("form", broad, broad(content), strong_form(content, size, smooth=smooth), _FORM * weight)


def _fine_detail_terms(request: FrameRequest) -> Iterator[Term]:
    """That of a large frame's lettering and faces, held down to the frame's own pixels, where there are some.

    It weighs as many times as much as the frame is larger than its preview: what frays at an edge is a line, whose
    share of a frame falls as that grows. Beyond the width of a film its weight fades: letters are so large there that
    bristles fray them little, and a window that is taken for one would be as flat as in a photograph.
    """
    details, size, weight = request.details, request.frame_size, request.weights.detail
    fades, ends = _FINE
    weight *= min(1.0, max(0.0, (ends - max(size)) / (ends - fades)))
    if details is None or weight <= 0 or (part := _bounds(details)) is None:
        return
    mask = details[..., *part]
    weight *= max(request.size) / max(request.preview_size) * mask.numel() / details.numel()

    def fine(image: Tensor) -> Tensor:
        return fine_detail(image[..., *part], size)

    yield DetailTerm("fine detail", fine, legible_fine(request.content[..., *part], size), mask, weight)


def _bounds(mask: Tensor) -> Crop | None:
    """The least part of a frame, (rows, columns), that has all of a mask, (1, 1, H, W); None: it is empty."""
    covered = (mask > 0)[0, 0].cpu()
    sides = [covered.any(side).nonzero()[:, 0] for side in (1, 0)]
    if not len(sides[0]):
        return None
    rows, columns = (slice(int(side[0]), int(side[-1]) + 1) for side in sides)
    return rows, columns


def _style_terms(
    request: FrameRequest,
    targets: Targets,
    mask: Tensor | None,
    policy: ObjectivePolicy,
    features: Features,
    sliced: bool,
) -> Iterator[Term]:
    """Those of a region: over all of it, `sliced` too, and over what is newly uncovered in it.

    In a crop only what is newly uncovered is to be in style, since no crop need have all that a painting has. A hole
    in a whole frame is in style as far as that is; beyond this it is asked for as many strokes as fit into it. All of
    them, crammed into a lamp or a digit, would take its colour.
    """
    weight, hole = request.weights.style, request.disoccluded
    whole = request.crop_of is None
    if whole:
        yield style_term(targets, weight, policy, features, mask)
        if sliced and (term := sliced_term(targets, weight, features, mask)):
            yield term
    if hole is None or (mask is not None and float((mask * hole).max()) == 0):
        return
    parts = [(hole, _UNCOVERED_PLAIN if request.begins else _UNCOVERED)]
    if not request.begins:
        parts.append((hole * plainness(request.content, request.frame_size), _UNCOVERED_PLAIN - _UNCOVERED))
    for part, share in parts:
        strokes = style_term(targets, share * weight, policy, features, mask, part, fitting=whole)
        if strokes.coefficients:
            yield strokes


def content_term(targets: Features, weight: float, policy: ObjectivePolicy) -> ContentTerm:
    """The content term for a frame's own features."""
    count = len(targets)
    return ContentTerm(targets, {k: policy.content_coefficient(weight, target, count) for k, target in targets.items()})


def style_term(
    targets: Targets,
    weight: float,
    policy: ObjectivePolicy,
    frame: Features,
    mask: Tensor | None = None,
    hole: Tensor | None = None,
    *,
    fitting: bool = False,
) -> StyleTerm:
    """The style term over the frame, over the part of it that the `mask` has, or over a `hole` in that.

    Masked, it is weighted by the mask's share of the frame, so that a pixel of it weighs as much as any other. For a
    hole it asks for the style's strokes alone, where some layer knows them: the region begins with the colours that
    the painting makes of the clip's, and the shot's colour keeps them (see :class:`ShotColourTerm`).

    Parameters
    ----------
    targets, weight, policy
        What the style asks for, and how it is weighted.
    frame
        The features of the clip's own frame.
    mask
        (1, 1, H, W) in 0..1: where the style is asked for; None: everywhere.
    hole
        (1, 1, H, W) in 0..1: what is newly uncovered.
    fitting
        Whether each layer is asked for only where the hole is as wide as what one of its positions sees.
    """
    shares = {layer: target.share for layer, target in targets.items()}
    masks = None if mask is None else _masks(dict.fromkeys(targets, mask.cpu()), frame)
    coefficients = policy.style_coefficients(
        weight, targets, shares if hole is None else _strokes_alone(shares), frame, masks
    )
    part = mask if hole is None else hole if mask is None else mask * hole
    if part is None:
        return StyleTerm(targets, coefficients)
    part = part.cpu()  # the one wait for the device: from here on everything is known before it is needed
    if hole is None:
        covered = float(part.mean())
        return StyleTerm(targets, {layer: covered * k for layer, k in coefficients.items()}, masks)
    holes = {layer: _broad(part, targets[layer].field) if fitting else part for layer in coefficients}
    holes = {layer: broad for layer, broad in holes.items() if float(broad.max()) > 0}
    coefficients = {layer: float(broad.mean()) * coefficients[layer] for layer, broad in holes.items()}
    return StyleTerm(targets, coefficients, _masks(holes, frame), "disoccluded")


def _broad(hole: Tensor, width: int) -> Tensor:
    """What of a hole, (1, 1, H, W) on the CPU, is so many pixels wide and high; beyond the edges it goes on."""
    plane, side = hole[0, 0].numpy(), width | 1  # OpenCV shifts by half a pixel what has an even side
    opened = cv2.morphologyEx(plane, cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
    return torch.from_numpy(np.minimum(opened, plane))[None, None]


def sliced_term(targets: Targets, weight: float, frame: Features, mask: Tensor | None = None) -> SlicedTerm | None:
    """The sliced term at the layers whose targets have a distribution; None where there is none.

    It is divided by what it comes to for the clip's own frame, whose features are `frame`. With a `mask`, (1, 1, H, W)
    in 0..1, it compares the positions that lie more inside than outside.
    """
    known = {layer: target.distribution for layer, target in targets.items() if target.distribution is not None}
    rows: dict[str, Tensor | None] = {}
    coefficients: dict[str, Coefficient] = {}
    for layer, target in known.items():
        features = frame[layer]
        rows[layer] = _sampled(features, mask)
        spread = target.quantiles.var(0, correction=0).mean().clamp_min(1e-12)
        distance = sliced_distance(features, target.directions, target.quantiles, rows[layer]) / spread
        coefficients[layer] = weight / (len(known) * distance.clamp_min(LEAST_DISTANCE) * spread)
    return SlicedTerm(known, rows, coefficients) if known else None


def shot_colour_term(shot_colour: ShotColour, request: FrameRequest, hole: Tensor) -> ShotColourTerm:
    """The term that keeps a shot's colour in a frame whose priors hold what the `hole`, (1, 1, H, W), leaves.

    The colour is the frame's as it is shown: what is not to be painted counts with the clip's own.
    A small hole makes up for little of the drift that the frame begins with: it would be bent to whatever colour the
    others lack. The term weighs less where most of a frame is new: what fills it need not look like what it hides.
    """
    clip, share = mean_colour(request.content), hole.mean()
    constrained = torch.stack([mean_colour(image, reliability) for image, reliability in request.priors]).sum(0)
    if request.painted is not None:
        constrained = constrained + mean_colour(request.content, 1 - request.painted)
    drift = shot_colour.drift(constrained + mean_colour(initial_image(request), hole), clip)
    forgiven = (1 - (_MADE_UP * share).clamp(max=1)) * drift
    coefficient = _SHOT_COLOUR * request.weights.style * (1 - share.square())
    return ShotColourTerm(shot_colour, clip, constrained, hole, forgiven, coefficient)


def positions_inside(features: Features, mask: Tensor) -> dict[str, Tensor]:
    """Features (1, C, H, W) at the positions that lie more inside a mask, (1, 1, h, w), than outside: (1, C, 1, n)."""
    mask = mask.cpu()
    return {
        name: values.flatten(2)[..., _inside(values, mask).to(values.device)][:, :, None]
        for name, values in features.items()
    }


def _inside(features: Tensor, mask: Tensor) -> Tensor:
    """The positions of a feature map that lie more inside a mask on the CPU than outside, or else most so, (n,)."""
    inside = _pooled(mask, features).flatten()
    return (inside >= min(0.5, float(inside.max()))).nonzero().squeeze(1)


def _sampled(features: Tensor, mask: Tensor | None) -> Tensor | None:
    """Some of the positions of a feature map, (n,), always the same ones, of the mask's if there is one; None: all."""
    count, rows = features.shape[2] * features.shape[3], None
    if mask is not None:
        rows = _inside(features, mask.cpu())
        count = len(rows)
    if count > _SAMPLE:
        drawn = torch.randperm(count, generator=torch.Generator().manual_seed(count))[:_SAMPLE].sort().values
        rows = drawn if rows is None else rows[drawn]
    return None if rows is None else rows.to(features.device)


def _masks(masks: Mapping[str, Tensor], frame: Features) -> Masks:
    """The positions of each layer that its mask has, (1, 1, H, W) on the CPU."""
    return {layer: masked_positions(_pooled(mask, frame[layer]), frame[layer].device) for layer, mask in masks.items()}


def _pooled(mask: Tensor, features: Tensor) -> Tensor:
    """The mask at the size of a feature map."""
    return F.adaptive_avg_pool2d(mask, (features.shape[2], features.shape[3]))


def _strokes_alone(shares: Mapping[str, float]) -> Mapping[str, float]:
    """The shares of layers that know strokes, raised to what all come to; of all, where none does."""
    strokes = {layer: share for layer, share in shares.items() if not is_of_colours(layer)}
    raised = sum(shares.values()) / sum(strokes.values()) if strokes else 1.0
    return {layer: raised * share for layer, share in (strokes or shares).items()}
