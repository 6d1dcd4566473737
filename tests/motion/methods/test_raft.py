import time
from concurrent.futures import ThreadPoolExecutor
from urllib.error import URLError

import numpy as np
import pytest
import torch
from torchvision.models.optical_flow import raft_large

from tests.helpers.synthetic import make_scene
from vidstyle.errors import DependencyError, InputError
from vidstyle.motion.methods import flow_method, raft


class ConstantFlow(torch.nn.Module):
    """Finds the same flow everywhere, as a trained network would on a steady motion; notes the sizes it saw."""

    def __init__(self, x, y):
        super().__init__()
        self.flow, self.sizes = torch.tensor([x, y]), []

    def forward(self, a, b):
        assert a.shape == b.shape and a.min() >= -1 and a.max() <= 1
        self.sizes.append(tuple(a.shape[2:]))
        return [self.flow[None, :, None, None].expand(1, 2, *a.shape[2:])]


@pytest.fixture
def no_network(tmp_path, monkeypatch):
    """An empty cache of weights, and a download that fails."""

    def fail(*args, **kwargs):
        raise URLError("no route to host")

    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr(torch.hub, "download_url_to_file", fail)
    return tmp_path / "hub" / "checkpoints" / "raft_large_C_T_SKHT_V2-ff5fadd5.pth"


@pytest.mark.slow
@pytest.mark.parametrize("size", [(1, 1), (37, 61), (128, 128), (130, 150)])
def test_the_network_is_given_a_size_it_takes_and_the_flow_has_the_image_s(size):
    torch.manual_seed(0)
    flow = raft.flow_of(raft_large(weights=None), "cpu")
    scene = make_scene(2, size, shift=(1, 0))
    found = flow(scene.images[1], scene.images[0])
    assert found.shape == (*size, 2) and found.dtype == np.float32
    assert np.isfinite(found).all()


def test_padding_goes_below_and_to_the_right_so_that_pixels_keep_their_place():
    network = ConstantFlow(2.0, -1.0)
    image = make_scene(1, (37, 150)).images[0]
    found = raft.flow_of(network, "cpu")(image, image)
    assert network.sizes == [(128, 152)]
    assert (found == (2, -1)).all()


def test_a_large_image_is_looked_at_reduced_and_its_flow_is_in_its_own_pixels(monkeypatch):
    monkeypatch.setattr(raft, "MOST_PIXELS", 160 * 240)
    network = ConstantFlow(2.0, -1.0)
    image = make_scene(1, (320, 480)).images[0]
    found = raft.flow_of(network, "cpu")(image, image)
    assert network.sizes == [(160, 240)]
    assert np.allclose(found, (4, -2))


def test_one_pair_is_at_work_at_a_time():
    """The correlations of one fill a card at 1080p, and up to eight were asked for at once."""
    at_once, most = 0, 0

    class Slow(ConstantFlow):
        def forward(self, a, b):
            nonlocal at_once, most
            at_once += 1
            most = max(most, at_once)
            time.sleep(0.02)
            at_once -= 1
            return super().forward(a, b)

    flow, image = raft.flow_of(Slow(0.0, 0.0), "cpu"), make_scene(1, (32, 32)).images[0]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(flow, [image] * 4, [image] * 4))
    assert most == 1


def test_weights_that_can_not_be_had_are_named_with_their_place(no_network):
    with pytest.raises(DependencyError) as caught:
        flow_method("raft")
    assert str(no_network) in str(caught.value)
    assert raft.WEIGHTS.url in str(caught.value) and "--flow dis" in str(caught.value)


def test_damaged_weights_are_not_used(no_network):
    no_network.parent.mkdir(parents=True)
    no_network.write_bytes(b"half a file")
    with pytest.raises(InputError, match="damaged"):
        flow_method("raft")


@pytest.mark.slow
def test_the_trained_network_follows_a_motion():
    if not raft.weights_file().is_file():
        pytest.skip("RAFT's weights are not on this machine")
    flow = flow_method("raft")
    scene = make_scene(2, (128, 160), shift=(6, -3))
    found = flow(scene.images[1], scene.images[0])
    error = np.linalg.norm(found - scene.backward[0], axis=-1)
    assert error[~scene.uncovered[0]].mean() < 0.5
