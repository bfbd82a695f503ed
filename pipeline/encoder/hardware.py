"""What training runs on: devices, precision, and the processes that take part.

One process leads: it alone runs stages, writes files and shows progress. The others, started by
Fabric, torchrun or SLURM with the same command, follow it through training and nothing else.
"""

from __future__ import annotations

import atexit
import logging
import os
from typing import TYPE_CHECKING, Literal

from pipeline.atlas.errors import PipelineError
from pipeline.config import HardwareConfig

if TYPE_CHECKING:
    import torch
    from lightning_fabric import Fabric

log = logging.getLogger(__name__)

Accelerator = Literal["cpu", "cuda", "mps"]
Precision = Literal["bf16-mixed", "32-true", "64-true"]
_BF16_INSTRUCTIONS = ("amx_bf16", "bf16")  # of x86, and of ARM; avx512_bf16 gains nothing


class HardwareError(PipelineError):
    """The devices that the configuration asks for are not there."""


def leads() -> bool:
    """Whether this process leads; read from the environment, before torch is loaded."""
    if "RANK" in os.environ:  # torchrun's own; beside it SLURM's may count machines differently
        return int(os.environ["RANK"]) == 0
    names = ("LOCAL_RANK", "NODE_RANK", "SLURM_PROCID")
    return not any(int(os.environ.get(name, 0)) for name in names)


def open_fabric(hardware: HardwareConfig, precision: Precision | None = None) -> Fabric:
    """Return Fabric with all processes started.

    Parameters
    ----------
    precision : str, optional
        The best that the device has, if left out.

    Raises
    ------
    HardwareError
        There is no such accelerator, or there are fewer of them.
    """
    from lightning_fabric import Fabric
    from lightning_fabric.strategies.ddp import DDPStrategy

    accelerator = _accelerator(hardware)
    devices, nodes = _processes(hardware, accelerator)
    # Batch norms are synchronised: there is nothing to broadcast.
    strategy = DDPStrategy(forward_sync_buffers=False) if devices * nodes > 1 else "auto"
    fabric = Fabric(
        accelerator=accelerator,
        devices=devices,
        num_nodes=nodes,
        strategy=strategy,
        precision=precision or best_precision(accelerator),
    )
    fabric.launch()
    # Without the one that leads, the others would wait for it, or complain that it is gone.
    for follower in getattr(fabric.strategy.launcher, "procs", ()):
        atexit.register(follower.kill)
    if devices * nodes > 1:
        log.info("training: %d processes on %s", devices * nodes, accelerator)
    return fabric


def best_device() -> torch.device:
    """Return the GPU if there is one, else the CPU."""
    import torch

    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def best_precision(accelerator: Accelerator) -> Precision:
    """Return "bf16-mixed" where the device has instructions for it, else "32-true".

    Without them bf16 is several times slower than 32 bits (docs/decisions/012).
    """
    import torch

    if accelerator == "cuda":
        return "bf16-mixed" if torch.cuda.is_bf16_supported() else "32-true"
    has_bf16 = (
        accelerator == "cpu"
        # What oneDNN would accept, which includes emulation, and may have been told to do without.
        and torch.backends.mkldnn.is_available()
        and torch.ops.mkldnn._is_mkldnn_bf16_supported()
        and any(torch.cpu.get_capabilities().get(name) for name in _BF16_INSTRUCTIONS)
    )
    return "bf16-mixed" if has_bf16 else "32-true"


def _accelerator(hardware: HardwareConfig) -> Accelerator:
    import torch

    there: dict[Accelerator, int] = {
        "cuda": torch.cuda.device_count() if torch.cuda.is_available() else 0,
        "mps": int(torch.backends.mps.is_available()),
    }
    if hardware.accelerator == "cpu":
        return "cpu"
    if hardware.accelerator == "auto":
        return next((name for name, count in there.items() if count), "cpu")
    if there[hardware.accelerator] < max(1, hardware.devices):
        raise HardwareError(
            f"[hardware] asks for {max(1, hardware.devices)} x '{hardware.accelerator}', this "
            f"machine has {there[hardware.accelerator]}. Lower hardware.devices, or set "
            "hardware.accelerator = 'auto'."
        )
    return hardware.accelerator


def _processes(hardware: HardwareConfig, accelerator: Accelerator) -> tuple[int, int]:
    """Return processes on each machine, and machines: as started from outside, or as configured."""
    environment = os.environ
    if "TORCHELASTIC_RUN_ID" in environment:
        devices = int(environment["LOCAL_WORLD_SIZE"])
        return devices, int(environment["WORLD_SIZE"]) // devices
    # Lightning's rule, by which Fabric takes SLURM for the one that starts processes.
    by_hand = environment.get("SLURM_JOB_NAME") in ("bash", "interactive")
    if "SLURM_NTASKS" in environment and not by_hand:
        nodes = int(environment.get("SLURM_NNODES", 1))
        return int(environment["SLURM_NTASKS"]) // nodes, nodes
    if hardware.devices:
        return hardware.devices, hardware.nodes
    import torch

    return (torch.cuda.device_count() if accelerator == "cuda" else 1), hardware.nodes
