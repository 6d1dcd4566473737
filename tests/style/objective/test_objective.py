from dataclasses import replace

import numpy as np
import pytest
import torch

from vidstyle.settings import FrameWeights, Settings
from vidstyle.style.memory import UNMEASURED, StyleGain
from vidstyle.style.network.device import to_tensor
from vidstyle.style.network.vgg import FeatureNetwork
from vidstyle.style.objective.build import (
    content_term,
    frame_objective,
    shot_colour_term,
    sliced_term,
    style_term,
)
from vidstyle.style.objective.losses import gram_matrix
from vidstyle.style.objective.objective import Objective
from vidstyle.style.objective.policy import POLICIES
from vidstyle.style.objective.shot_colour import ShotColour, mean_colour
from vidstyle.style.objective.sliced_wasserstein import project, quantiles
from vidstyle.style.objective.targets import Distribution, StyleTarget, StyleTargets, style_target
from vidstyle.style.objective.terms import TemporalTerm, VariationTerm
from vidstyle.style.pyramid import resampled, resize
from vidstyle.style.request import FrameRequest, StyleRegion

LAYERS = ["relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu4_2", "relu5_1"]
STYLE = ["relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"]
WEIGHTS = Settings().at(0)
OURS, RUDER = POLICIES["vidstyle"], POLICIES["ruder2016"]


@pytest.fixture(scope="module")
def network(builtin, cpu):
    return FeatureNetwork(builtin, LAYERS, "max", "zeros", cpu)


@pytest.fixture
def parts(network, noise):
    generator = torch.Generator().manual_seed(7)
    frame, style, earlier, image = (
        (noise + 0.3 * torch.rand(noise.shape, generator=generator)).clamp(0, 1) for _ in range(4)
    )
    trust = (torch.rand(1, 1, 40, 56, generator=generator) > 0.4).float()
    with torch.no_grad():
        content = {"relu4_2": network(frame)["relu4_2"]}
        grams = {layer: StyleTarget(gram_matrix(network(style)[layer]), share=0.2) for layer in STYLE}
    return content, grams, earlier, trust, image


def _objective(network, parts):
    content, grams, earlier, trust, _ = parts
    hole = 1 - trust
    with torch.no_grad():
        features = network(earlier)
    return Objective(
        network,
        [
            content_term(content, WEIGHTS.content, OURS),
            style_term(grams, WEIGHTS.style, OURS, features),
            style_term(grams, WEIGHTS.style, OURS, features, hole=hole),
            _shot_colour_term(_shot_colour(earlier), earlier, [trust], hole),
            TemporalTerm(earlier, trust, WEIGHTS.temporal * OURS.temporal_scale),
            VariationTerm(WEIGHTS.tv * OURS.variation_scale(earlier.numel())),
        ],
    )


def _shot_colour(frame, shift=0.05):
    """That of a shot from which a painting of the frame's own colours has drifted."""
    return ShotColour(mean_colour(frame - shift), mean_colour(frame))


def _shot_colour_term(shot_colour, frame, reliabilities, hole, mask=None):
    """For a frame whose priors are the frame itself, and which is painted in a mask."""
    priors = tuple((frame, reliability) for reliability in reliabilities)
    return shot_colour_term(shot_colour, FrameRequest(frame, WEIGHTS, (StyleRegion(None, mask),), priors), hole)


def test_gradient_agrees_with_finite_differences(network, parts):
    objective = _objective(network, parts)
    image = parts[4]
    here = objective(image)
    # Along the gradient itself the slope is steepest, so that float32 rounding matters least.
    direction = here.gradient / here.gradient.norm()
    h = 2e-3
    slope = (objective(image + h * direction).loss - objective(image - h * direction).loss) / (2 * h)
    assert slope == pytest.approx(float(here.gradient.norm()), rel=0.02)
    assert here.loss == pytest.approx(sum(here.losses.values()), rel=1e-5)
    assert set(here.losses) == {"content", "style", "disoccluded", "shot_colour", "temporal", "tv"}


def test_every_term_moves_the_image(network, parts):
    for term in _objective(network, parts).terms:
        assert Objective(network, [term])(parts[4]).gradient.abs().max() > 0, term.name


def _strokes(features, weights=None):
    """A target that asks for the distribution of a picture's features, and for nothing else."""
    target = style_target([(features, 1.0)], 1.0, in_distribution=1.0)
    if weights is not None:
        axes = weights[:, None] * target.distribution.directions
        target = replace(target, distribution=Distribution(axes, quantiles(project(features, axes))))
    return target


def test_the_sliced_term_is_its_weight_for_the_clip_and_0_for_the_style(network, parts, stripes, cpu):
    frame = parts[2]
    style = resize(to_tensor(stripes, cpu), (40, 56))
    with torch.no_grad():
        own, picture = network(frame), network(style)
    targets = {layer: _strokes(picture[layer]) for layer in ("relu3_1", "relu4_1")}
    term = sliced_term(targets, WEIGHTS.style, own)
    assert float(term(frame, own)) == pytest.approx(WEIGHTS.style, rel=1e-4)
    assert float(term(style, picture)) < 1e-3 * WEIGHTS.style
    whole = Objective(network, [term])
    assert whole.scaled(StyleGain(9.0, 0.5))(frame).loss == pytest.approx(0.5 * WEIGHTS.style, rel=1e-4)
    assert whole.scaled(StyleGain(9.0)).terms == []
    gradient = whole(frame).gradient
    assert whole(frame - 1e-3 * gradient / gradient.norm()).loss < WEIGHTS.style


def test_the_sliced_term_is_blind_to_channels_that_are_the_subject(network, parts):
    _, _, frame, _, style = parts
    with torch.no_grad():
        own, picture = network(frame), network(style)
    weights = torch.ones(own["relu4_1"].shape[1])
    weights[::2] = 0
    term = sliced_term({"relu4_1": _strokes(picture["relu4_1"], weights)}, WEIGHTS.style, own)
    subject, strokes = own["relu4_1"].clone(), own["relu4_1"].clone()
    subject[:, ::2] += 1
    strokes[:, 1::2] += 1
    assert term(frame, {"relu4_1": subject}) == term(frame, own)
    assert term(frame, {"relu4_1": strokes}) > term(frame, own)


def test_no_distribution_is_no_sliced_term(network, parts):
    with torch.no_grad():
        assert sliced_term(parts[1], WEIGHTS.style, network(parts[2])) is None


def test_ruder_2016_is_the_papers_formula(network, builtin, parts):
    """Each loss written out as in the reference, on 0..255 values."""
    weights = Settings().replace(objective="ruder2016").at(0)
    content, _, earlier, trust, image = parts
    # Gram matrices in the reference's own normalisation, from another picture's features.
    features = network(image)
    other = network(earlier)
    expected_content = 5 * ((features["relu4_2"] - content["relu4_2"]) ** 2).mean()

    def gram(feature):
        flat = feature[0].flatten(1)
        return flat @ flat.T / flat.numel()

    expected_style = 100 * sum(((gram(features[k]) - gram(other[k])) ** 2).mean() for k in STYLE)
    x, omega = image * 255, earlier * 255
    expected_temporal = 1000 * (trust * (x - omega) ** 2).sum() / x.numel()
    dx, dy = x[..., 1:] - x[..., :-1], x[..., 1:, :] - x[..., :-1, :]
    expected_tv = 1e-3 * 0.5 * ((dx**2).sum() + (dy**2).sum())

    with torch.no_grad():
        grams = {layer: StyleTarget(gram_matrix(other[layer])) for layer in STYLE}
    terms = [
        content_term(content, weights.content, RUDER),
        style_term(grams, weights.style, RUDER, features),
        TemporalTerm(earlier, trust, weights.temporal * RUDER.temporal_scale),
        VariationTerm(weights.tv * RUDER.variation_scale(image.numel())),
    ]
    losses = Objective(network, terms)(image).losses
    assert losses["content"] == pytest.approx(float(expected_content), rel=1e-3)
    assert losses["style"] == pytest.approx(float(expected_style), rel=1e-3)
    assert losses["temporal"] == pytest.approx(float(expected_temporal), rel=1e-4)
    assert losses["tv"] == pytest.approx(float(expected_tv), rel=1e-4)


@pytest.mark.slow
def test_losses_hold_from_one_size_to_another(network, noise):
    """The same scene at twice the size weighs about the same: that is what one set of weights needs."""
    totals = []
    generator = torch.Generator().manual_seed(9)
    disturbance = torch.rand(1, 3, 10, 14, generator=generator)
    for size in ((80, 112), (160, 224)):
        frame = torch.nn.functional.interpolate(noise, size, mode="bicubic", align_corners=False)
        image = frame + 0.2 * torch.nn.functional.interpolate(disturbance, size, mode="bicubic", align_corners=False)
        with torch.no_grad():
            features = network(frame)
        terms = [
            content_term({"relu4_2": features["relu4_2"]}, WEIGHTS.content, OURS),
            style_term(
                {layer: StyleTarget(gram_matrix(features[layer]), share=0.2) for layer in STYLE},
                WEIGHTS.style,
                OURS,
                features,
            ),
            TemporalTerm(frame, torch.ones(1, 1, *size), WEIGHTS.temporal * OURS.temporal_scale),
        ]
        totals.append(Objective(network, terms)(image).losses)
    for name in ("content", "style", "temporal"):
        assert 0.33 < totals[0][name] / totals[1][name] < 3, name


@pytest.fixture
def region(network, parts):
    """A square's mask, and the features of the frame that it is in."""
    _, _, earlier, _, _ = parts
    mask = torch.zeros(1, 1, 40, 56)
    mask[..., 8:24, 8:24] = 1
    with torch.no_grad():
        return mask, network(earlier)


def test_a_masked_style_term_sees_its_region_alone(network, parts, region):
    (_, grams, _, _, image), (mask, features) = parts, region
    shallow = {layer: grams[layer] for layer in ("relu1_1", "relu2_1")}  # the deeper ones see far beyond
    term = style_term(shallow, WEIGHTS.style, OURS, features, hole=mask)
    gradient = Objective(network, [term])(image).gradient[0].abs().sum(0).numpy()
    assert gradient[10:22, 10:22].mean() > 0
    assert gradient[:, 40:].max() == 0
    assert np.isfinite(gradient).all()


def test_a_masked_style_term_asks_for_strokes_and_for_no_colours(network, parts, region):
    (_, grams, _, _, image), (mask, features) = parts, region

    def gradient(*layers, mask=mask):
        chosen = {layer: grams[layer] for layer in layers}
        return Objective(network, [style_term(chosen, WEIGHTS.style, OURS, features, hole=mask)])(image).gradient

    # Each is divided by how far the clip is from the style in its own layers, so only the direction is the same.
    both, strokes, colours = (gradient(*layers) for layers in (("relu1_1", "relu2_1"), ("relu2_1",), ("relu1_1",)))
    assert torch.allclose(both / both.norm(), strokes / strokes.norm(), atol=1e-5)
    assert colours.norm() > 0
    whole = gradient("relu1_1", "relu2_1", mask=None)
    assert not torch.allclose(whole / whole.norm(), gradient("relu2_1", mask=None) / whole.norm(), atol=1e-2)


@pytest.mark.parametrize(("side", "layers"), [(6, set()), (12, {"relu2_1"}), (40, {"relu2_1", "relu3_1"})])
def test_a_hole_is_asked_for_the_strokes_that_fit_into_it(side, layers):
    hole = torch.zeros(1, 1, 96, 96)
    hole[..., 30 : 30 + side, 20 : 20 + side] = 1
    fields = {"relu2_1": 10, "relu3_1": 24, "relu4_1": 68}
    features = {layer: torch.rand(1, 4, 96 >> i, 96 >> i) for i, layer in enumerate(fields, 1)}
    targets = {layer: StyleTarget(torch.eye(4), share=1 / 3, field=field) for layer, field in fields.items()}
    fitting = style_term(targets, 1.0, OURS, features, hole=hole, fitting=True)
    assert set(fitting.coefficients) == layers
    whole = style_term(targets, 1.0, OURS, features, hole=hole)
    for layer in layers:
        assert float(fitting.coefficients[layer]) == pytest.approx(float(whole.coefficients[layer]), rel=1e-5)


def test_a_pixel_of_a_region_weighs_as_much_as_any_other(parts, region):
    (_, grams, _, _, _), (mask, features) = parts, region

    def asked(mask):
        term = style_term(grams, WEIGHTS.style, OURS, features, hole=mask)
        return sum(float(k) * float(grams[layer].gram.square().sum()) for layer, k in term.coefficients.items())

    assert asked(mask) == pytest.approx(float(mask.mean()) * asked(None), rel=1e-4)


def test_a_style_in_a_region_leaves_the_rest_of_the_frame_alone(network, parts, region, stripes, cpu):
    """Beyond what the region's features see there is no gradient, neither of the style's terms nor of a hole's."""
    (_, _, _, _, image), (mask, _) = parts, region
    layers = ("relu1_1", "relu2_1", "relu3_1")
    style = StyleTargets(network, [(to_tensor(stripes, cpu), 1.0, 1.0)], layers, 0.0, (40, 56))
    weights = FrameWeights(content=0.0, style=20.0, temporal=0.0, tv=0.0, detail=0.0)
    for hole in (None, torch.ones_like(mask)):
        request = FrameRequest(image, weights, (StyleRegion(style, mask),), disoccluded=hole)
        objective = frame_objective(request, network, (), OURS, None)
        assert [term.name for term in objective.terms] == [
            "style",
            "sliced",
            *(["disoccluded"] if hole is not None else []),
        ]
        for term in objective.terms:
            gradient = Objective(network, [term])(image).gradient[0].abs().sum(0)
            assert gradient[10:22, 10:22].mean() > 0, term.name
            assert gradient[:, 48:].max() == 0, term.name
    # Two regions that share the frame ask for about as much as the whole.
    left = torch.zeros_like(mask)
    left[..., :28] = 1
    regions = tuple(StyleRegion(style, part) for part in (left, 1 - left))
    whole, halves = (
        frame_objective(FrameRequest(image, weights, chosen), network, (), OURS, UNMEASURED)(image).losses["style"]
        for chosen in ((StyleRegion(style),), regions)
    )
    assert halves == pytest.approx(whole, rel=0.2)


def test_a_plain_hole_is_asked_for_more_strokes_than_one_with_shapes(network, parts, region, stripes, cpu):
    (_, _, _, _, image), (mask, _) = parts, region
    style = StyleTargets(network, [(to_tensor(stripes, cpu), 1.0, 1.0)], ("relu1_1", "relu2_1"), 0.0, (40, 56))
    weights = FrameWeights(content=0.0, style=20.0, temporal=0.0, tv=0.0, detail=0.0)

    def holes(content):
        request = FrameRequest(content, weights, (StyleRegion(style),), disoccluded=mask)
        terms = frame_objective(request, network, (), OURS, UNMEASURED).terms
        return [term.coefficients for term in terms if term.name == "disoccluded"]

    assert len(holes(image)) == 1
    plain = holes(0.5 + 0.01 * image)
    assert len(plain) == 2
    for layer, coefficient in plain[0].items():
        assert float(plain[1][layer]) == pytest.approx(3 * float(coefficient), rel=0.05)


def test_drift_of_the_shot_colour_is_made_up_for_by_what_is_new(network, parts, region):
    (_, _, earlier, _, image), (mask, _) = parts, region
    held = 1 - mask
    term = _shot_colour_term(_shot_colour(earlier), earlier, [0.7 * held, 0.3 * held], mask)
    assert torch.allclose(term.constrained_mean, mean_colour(earlier, held), atol=1e-6)
    gradient = Objective(network, [term])(image).gradient
    assert gradient[..., 8:24, 8:24].abs().min() > 0
    assert (gradient * held).abs().max() == 0
    # However small it is, it becomes no more than twice as much darker as the frame is too bright.
    painted = held * earlier + mask * (earlier - 2 * 0.05)
    assert Objective(network, [term])(painted).loss == pytest.approx(0, abs=1e-5)
    # One that is large enough brings the frame back to its shot's colour.
    most = torch.ones_like(mask)
    most[..., :20] = 0
    term = _shot_colour_term(_shot_colour(earlier), earlier, [1 - most], most)
    painted = (1 - most) * earlier + most * (earlier - 0.05 / most.mean())
    assert Objective(network, [term])(painted).loss == pytest.approx(0, abs=1e-5)


def test_what_is_not_painted_counts_in_the_shots_colour_with_the_clips(network, parts, region):
    """Left out, a bright wall about a painted actor was made up for by his hand, which turned white."""
    (_, _, earlier, _, _), (hole, _) = parts, region
    mask = torch.zeros_like(hole)
    mask[..., :28, :28] = 1
    term = _shot_colour_term(_shot_colour(earlier, 0.0), earlier, [mask * (1 - hole)], hole * mask, mask)
    assert float(term.forgiven.norm()) == pytest.approx(0, abs=1e-6)
    assert Objective(network, [term])(earlier).loss == pytest.approx(0, abs=1e-9)


def test_a_frame_that_has_drifted_far_is_not_led_back_more_strongly(network, parts, region):
    (_, _, earlier, _, _), (mask, _) = parts, region

    def evaluation(shift):
        term = _shot_colour_term(_shot_colour(earlier, shift / 3**0.5), earlier, [1 - mask], mask)
        return Objective(network, [replace(term, forgiven=torch.zeros(3))])(earlier)

    one, two, five, ten = (evaluation(shift) for shift in (0.01, 0.02, 0.05, 0.1))
    weight = 40 * WEIGHTS.style * (1 - float(mask.mean()) ** 2)
    assert one.loss == pytest.approx(weight * 0.01**2, rel=1e-3)
    assert ten.loss == pytest.approx(weight * (2 * 0.02 * 0.1 - 0.02**2), rel=1e-3)
    assert torch.allclose(2 * one.gradient, two.gradient, rtol=1e-3)
    assert torch.allclose(two.gradient, five.gradient, rtol=1e-3)
    assert torch.allclose(five.gradient, ten.gradient, rtol=1e-3)


def test_the_clips_own_frame_is_as_far_from_every_style_as_the_weight_says(network, parts):
    """So the same weight looks alike, whether a clip is near to its style or far from it."""
    _, _, earlier, _, image = parts
    with torch.no_grad():
        features = network(image)
        other = gram_matrix(network(earlier.flip(1).sqrt())["relu1_1"])
    far, near = StyleTarget(other), StyleTarget(gram_matrix(features["relu1_1"]) * 0.6)
    for target in (far, near):
        term = style_term({"relu1_1": target}, WEIGHTS.style, OURS, {"relu1_1": features["relu1_1"]})
        distance = (gram_matrix(features["relu1_1"]) - target.gram).square().sum() / target.gram.square().sum()
        expected = float(distance / distance.clamp(0.1, 1)) * WEIGHTS.style
        assert Objective(network, [term])(image).loss == pytest.approx(expected, rel=1e-3)
    painted = style_term({"relu1_1": StyleTarget(gram_matrix(features["relu1_1"]))}, WEIGHTS.style, OURS, features)
    assert Objective(network, [painted])(image).loss == pytest.approx(0, abs=1e-4)


def test_the_gain_multiplies_the_style_and_the_shot_colour_alone(network, parts):
    objective, image = _objective(network, parts), parts[4]
    plain, twice = objective(image), objective.scaled(StyleGain(2.0))(image)
    for name, loss in plain.losses.items():
        assert twice.losses[name] == pytest.approx(
            loss * (2 if name in ("style", "disoccluded", "shot_colour") else 1), rel=1e-5
        )


def test_a_large_frames_content_is_its_previews(network, noise, monkeypatch):
    """What is finer than a preview's pixels is no content, and not led back."""
    monkeypatch.setattr("vidstyle.style.pyramid._PREVIEW", 28)
    weights = FrameWeights(content=1.0, style=0.0, temporal=0.0, tv=0.0, detail=0.0)
    rows, columns = torch.meshgrid(torch.arange(40), torch.arange(56), indexing="ij")
    bristles = noise + 0.1 * (1 - 2 * ((rows + columns) % 2))
    broad = noise + 0.1 * (1 - 2 * ((rows + columns) // 8 % 2))

    def content(image, has_preview=True):
        request = FrameRequest(noise, weights, (), has_preview=has_preview)
        return frame_objective(request, network, ["relu4_2"], OURS, UNMEASURED)(image).losses["content"]

    assert content(bristles) == pytest.approx(0, abs=1e-6)
    assert content(broad) > 0.05
    assert content(bristles, has_preview=False) > 1e-3


def test_a_large_frames_fine_shapes_are_held_down_to_its_own_pixels(network, monkeypatch):
    """What a preview can't see is held there, and nowhere else; what is broad, and its light, is not."""
    monkeypatch.setattr("vidstyle.style.pyramid._PREVIEW", 28)
    weights = FrameWeights(content=0.0, style=0.0, temporal=0.0, tv=1.0, detail=400.0)
    rows, columns = torch.meshgrid(torch.arange(40), torch.arange(56), indexing="ij")
    inside = ((columns >= 8) & (columns < 24) & (rows >= 10) & (rows < 20)).float()[None, None]
    fine = 0.1 * (1 - 2 * ((rows + columns) % 2))
    content = torch.full((1, 3, 40, 56), 0.5)
    request = FrameRequest(content, weights, (), details=inside)

    def fine_detail(change, request=request):
        objective = frame_objective(request, network, (), OURS, UNMEASURED)
        return objective(content + change).losses.get("fine detail")

    held = fine_detail(inside * fine)
    assert held == pytest.approx(400 * 2 * 0.01 * float(inside.mean()), rel=0.3)
    assert fine_detail((1 - inside) * fine) < 0.1 * held
    assert fine_detail(0.1) < 0.01 * held
    assert fine_detail(fine, replace(request, details=None)) is None
    assert fine_detail(fine, replace(request, details=0 * inside)) is None
    assert fine_detail(fine, replace(request, has_preview=False)) is None
    for ends, share in (((56, 112), 1.0), ((28, 84), 0.5)):
        monkeypatch.setattr("vidstyle.style.objective.build._FINE", ends)
        assert fine_detail(inside * fine) == pytest.approx(share * held)
    monkeypatch.setattr("vidstyle.style.objective.build._FINE", (28, 56))
    assert fine_detail(inside * fine) is None


def test_a_large_frames_style_is_its_previews_and_of_what_is_finer_its_own(network, noise, stripes, cpu, monkeypatch):
    monkeypatch.setattr("vidstyle.style.pyramid._PREVIEW", 28)
    weights = FrameWeights(content=0.0, style=20.0, temporal=0.0, tv=0.0, detail=0.0)

    def objectives(layers):
        style = StyleTargets(network, [(to_tensor(stripes, cpu), 1.0, 1.0)], layers, 1.0, None)
        request = FrameRequest(noise, weights, (StyleRegion(style),))
        made = [frame_objective(one, network, (), OURS, UNMEASURED) for one in (request, request.shrunk())]
        return made, style

    (large, small), style = objectives(["relu2_1", "relu4_1"])
    assert set(style.at((40, 56), (20, 28))) == {"relu2_1"}
    own = replace(large, preview=None)(noise).losses["style"]
    preview = small(resampled(noise, (20, 28))).losses["style"]
    assert own > 0 and preview > 0
    assert large(noise).losses["style"] == pytest.approx(own + preview, rel=1e-4)
    assert large.scaled(StyleGain(3.0))(noise).losses["style"] == pytest.approx(3 * (own + preview), rel=1e-4)
    (large, small), _ = objectives(["relu4_1"])
    assert large(noise).loss == pytest.approx(small(resampled(noise, (20, 28))).loss, rel=1e-4)


def test_of_its_layers_a_large_frame_has_those_that_are_finer_than_its_preview_as_among_all(network, stripes, cpu):
    style = StyleTargets(network, [(to_tensor(stripes, cpu), 1.0, 1.0)], STYLE, 1.0, None)
    whole = style.at((90, 120))
    for preview, finer in (((45, 60), ["relu1_1", "relu2_1", "relu3_1"]), ((60, 80), ["relu1_1", "relu2_1"])):
        beside = style.at((90, 120), preview)
        assert list(beside) == finer
        for layer, target in beside.items():
            assert target.share == pytest.approx(whole[layer].share)


def test_in_a_large_frame_a_small_style_picture_has_bristles_as_fine_as_its_own(network, stripes, cpu):
    picture = to_tensor(stripes, cpu)
    style = StyleTargets(network, [(picture, 1.0, 1.0)], ["relu1_1", "relu2_1"], 1.0, None)
    with torch.no_grad():
        own = gram_matrix(network(picture)["relu1_1"])
    whole, large = (style.at((200, 240), preview) for preview in (None, (100, 120)))
    torch.testing.assert_close(large["relu1_1"].gram, own)
    assert (whole["relu1_1"].gram - own).norm() > 0.05 * own.norm()
    # Strokes, which a preview sees as well, are to be as large as there.
    torch.testing.assert_close(large["relu2_1"].gram, whole["relu2_1"].gram)
    # A picture that has more pixels than the frame is seen no larger than that.
    for one, other in zip(style.at((40, 56), (20, 28)).values(), style.at((40, 56)).values(), strict=True):
        torch.testing.assert_close(one.gram, other.gram)
