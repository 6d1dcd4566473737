import pytest
import torch

from vidstyle.style.network.device import has_fast_bfloat16


@pytest.mark.skipif(not hasattr(torch.cpu, "_is_avx512_bf16_supported"), reason="this torch has none")
def test_an_older_torch_says_in_its_own_way_whether_bfloat16_is_fast(monkeypatch):
    """Its private function is the only one that says so there."""
    monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
    assert has_fast_bfloat16(torch.device("cpu")) in (True, False)
