"""No network that a configuration can ask for damages memory, whatever the CPU has.

Each is trained for some steps by a process of its own, for oneDNN decides once in a process which
instructions it uses. The C library's malloc checks each block when it is freed.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHECKED_MALLOC = {"LD_PRELOAD": "libc_malloc_debug.so.0", "MALLOC_CHECK_": "3"}  # glibc's
AS_IT_IS: dict[str, str] = {}
AVX2 = {"ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2"}
NETWORKS = [(18, width) for width in (8, 9, 12, 15, 16, 24, 32, 64)] + [(50, 8), (50, 20)]
TRAINED = """
import sys
import torch
from pipeline.config import EncoderConfig
from pipeline.training.loss import LOSSES
from pipeline.training.trainer import SimCLR

torch.set_num_threads(1)
for network in sys.argv[1:]:
    depth, width = map(int, network.split("x"))
    model = SimCLR(EncoderConfig(depth=depth, width=width, head_dim=8))
    model.to(memory_format=torch.channels_last)
    for precision in ("32-true", "bf16-mixed"):
        for px in (32, 64):
            pictures = torch.rand(8, 3, px, px).contiguous(memory_format=torch.channels_last)
            for _ in range(2):
                with torch.autocast("cpu", torch.bfloat16, precision == "bf16-mixed"):
                    first, second = model(pictures).unflatten(0, (2, -1)).unbind()
                LOSSES["nt_xent"](first, second, 0.2).backward()
            print(network, precision, px, flush=True)
"""


@pytest.mark.parametrize("cpu", [AS_IT_IS, AVX2], ids=["as it is", "AVX2"])
def test_no_network_that_can_be_configured_damages_memory(cpu):
    networks = [f"{depth}x{width}" for depth, width in NETWORKS]
    result = subprocess.run(
        [sys.executable, "-c", TRAINED, *networks],
        cwd=ROOT,
        env=os.environ | CHECKED_MALLOC | cpu,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert result.returncode == 0, f"after {result.stdout.splitlines()[-1:]}: {result.stderr}"
    assert len(result.stdout.splitlines()) == 4 * len(networks)
