"""What a graphics card would object to, found without one; and the same on one, where there is one."""

import contextlib

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from tests.helpers.runs import drained
from vidstyle.settings import Settings
from vidstyle.style.network.device import Device
from vidstyle.style.network.vgg import FeatureNetwork
from vidstyle.style.objective.build import content_term, style_term
from vidstyle.style.objective.losses import gram_matrix
from vidstyle.style.objective.objective import Objective
from vidstyle.style.objective.policy import POLICIES
from vidstyle.style.objective.targets import StyleTarget
from vidstyle.style.objective.terms import TemporalTerm, VariationTerm
from vidstyle.style.optimiser.lbfgs import inverse_hessian
from vidstyle.style.optimiser.preconditioner import Spectrum
from vidstyle.style.optimiser.state import Pair
from vidstyle.style.request import Prior
from vidstyle.style.solver import FrameSolver

SETTINGS = Settings().replace(precision="float32", device="cpu", first_frame_steps=5, steps=5, tolerance=0)
STYLE = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
# What CUDA sums by atomics, in another order each time.
UNORDERED = (
    *("index_add", "scatter_add", "scatter_reduce", "put_", "bincount", "histc", "cumsum", "median", "kthvalue"),
    *("pad2d_backward", "adaptive_avg_pool2d_backward", "upsample", "grid_sampler", "embedding"),
)
CARDS = [
    pytest.param(
        "cuda",
        marks=[pytest.mark.cuda, pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA card here")],
    ),
    pytest.param(
        "mps",
        marks=[pytest.mark.mps, pytest.mark.skipif(not torch.backends.mps.is_available(), reason="no Apple GPU here")],
    ),
]


class _Operations(TorchDispatchMode):
    """Notes the names of the operations that run."""

    def __init__(self):
        super().__init__()
        self.names = set()

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        self.names.add(function.overloadpacket.__name__)
        return function(*args, **(kwargs or {}))


@contextlib.contextmanager
def _deterministic():
    torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(False)


def _two_frames(noise, stripes, settings):
    """A first frame, and a later one a third of which could not be carried along."""
    frame = noise[0].permute(1, 2, 0).numpy().copy()
    solver = FrameSolver([(stripes, 1.0)], frame.shape[:2], settings)
    _, first = drained(solver.first(frame))
    trust = np.ones(frame.shape[:2], np.float32)
    trust[:, 10:30] = 0
    steps, later = drained(solver.next(frame, [Prior(first.image, trust)], first.memory))
    assert "disoccluded" in steps[0].losses
    return first.image, later.image


@pytest.mark.slow
def test_no_operation_sums_in_an_order_that_changes(noise, stripes):
    # In this mode torch also fills what is not yet written with NaN.
    with _deterministic(), _Operations() as ran:
        images = _two_frames(noise, stripes, SETTINGS)
    assert {"_convolution_pointwise", "convolution_backward", "index_copy_"} <= ran.names
    unordered = {name for name in ran.names if any(part in name for part in UNORDERED)}
    # Only the gradients of these two are sums; no gradient goes through a resize.
    assert {name for name in unordered if "upsample" not in name or "backward" in name} == set()
    for image, again in zip(images, _two_frames(noise, stripes, SETTINGS), strict=True):
        assert image.tobytes() == again.tobytes()


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_no_tensor_is_made_on_another_device(dtype, builtin):
    """The network, every term, the optimiser's algebra and the spectrum on a device that only knows shapes."""
    meta = Device(torch.device("meta"), dtype, channels_last=True)
    network = FeatureNetwork(builtin, (*STYLE, "relu4_2"), "max", "replicate", meta)
    image, frame = (torch.zeros(1, 3, 40, 56, device="meta") for _ in range(2))
    trust = torch.ones(1, 1, 40, 56, device="meta")
    hole = torch.zeros(1, 1, 40, 56)  # on the CPU, where its positions are counted
    hole[..., :9, :20] = 1
    with torch.no_grad():
        features = network(frame)
        targets = {layer: StyleTarget(gram_matrix(features[layer]), share=0.2) for layer in STYLE}
    for policy in POLICIES.values():
        terms = [
            content_term({"relu4_2": features["relu4_2"]}, 1.0, policy),
            style_term(targets, 1.0, policy, features),
            style_term(targets, 1.0, policy, features, hole=hole),
            TemporalTerm(frame, trust, policy.temporal_scale),
            VariationTerm(policy.variation_scale(frame.numel())),
        ]
        moved = image.clone().requires_grad_()
        seen = network(moved)
        losses = [term(moved, seen) for term in terms]
        assert all(loss.is_meta and loss.shape == () for loss in losses)
        (gradient,) = torch.autograd.grad(torch.stack(losses).sum(), moved)
        assert gradient.is_meta and gradient.shape == image.shape

    stiffness = Objective(network, terms).stiffness
    spectrum = Spectrum((40, 56), image.device)
    curvature = spectrum.fit(image, gradient, spectrum.uniform(1.0))
    pairs = [Pair(image, gradient, torch.dot(image.flatten(), gradient.flatten()))] * 3
    direction = inverse_hessian(gradient, pairs, lambda g: spectrum.solve(g, curvature, stiffness))
    assert curvature.is_meta and direction.is_meta and direction.shape == image.shape


@pytest.mark.parametrize("card", CARDS)
def test_a_card_paints_what_the_processor_paints(card, noise, stripes):
    settings = SETTINGS.replace(device=card)
    once, again = _two_frames(noise, stripes, settings), _two_frames(noise, stripes, settings)
    for image, other in zip(once, again, strict=True):
        assert image.tobytes() == other.tobytes()
    for image, ours in zip(once, _two_frames(noise, stripes, SETTINGS), strict=True):
        assert np.abs(image - ours).mean() < 0.02


@pytest.mark.parametrize("card", CARDS[:1])
def test_a_card_runs_deterministic_algorithms_alone(card, noise, stripes):
    with _deterministic():
        _two_frames(noise, stripes, SETTINGS.replace(device=card))
