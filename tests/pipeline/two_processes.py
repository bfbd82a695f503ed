"""What each of two processes does for test_distributed.py; torchrun starts them.

Run as ``python -m tests.pipeline.two_processes FOLDER``: reads FOLDER/store, and the one that leads
writes FOLDER/result.pt.
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch
import torch.distributed as dist
from torch import nn

from pipeline.config import EncoderConfig, HardwareConfig, TrainConfig
from pipeline.store.cutouts import CutoutStore
from pipeline.training.sync_batch_norm import SyncBatchNorm, gather
from pipeline.training.trainer import Trainer
from tests.pipeline.small_store import training_set


def train(folder: Path) -> dict:
    """Train for a few steps in 64 bits; return every loss, the first gradient and the weights."""
    (folder / "train").mkdir(exist_ok=True)
    trainer = Trainer(
        [training_set(CutoutStore(folder / "store"))],
        EncoderConfig(width=8, head_dim=8),
        TrainConfig(epochs=2, batch_size=16, warmup_epochs=1, whitened_dim=4),
        HardwareConfig(accelerator="cpu"),
        seed=5,
        folder=folder / "train",
        precision="64-true",
    )
    losses, gradients = [], []
    # All drawn first: Fabric's 64 bits change what torch.rand draws, in every thread.
    for step, views in enumerate(list(trainer.batches.epoch(0, trainer.fabric.device))):
        losses.append(trainer.step(step, views))
        gradients.append([p.grad.clone() for p in trainer.model.parameters()])
    return {
        "losses": losses,
        "gradient": gradients[0],
        "weights": trainer.model.module.state_dict(),
        "n_views": len(views),
    }


def normalise() -> dict:
    """Return what ordinary and synchronised batch norm make of one joined batch."""
    joined = torch.randn(8, 3, 5, 5, generator=torch.Generator().manual_seed(1))
    factor = torch.randn(joined.shape, generator=torch.Generator().manual_seed(2))
    results = {}
    for name, norm in (("ordinary", nn.BatchNorm2d(3)), ("synchronised", SyncBatchNorm(3))):
        is_sync = name == "synchronised"
        mine = slice(dist.get_rank() * 4, dist.get_rank() * 4 + 4) if is_sync else slice(None)
        own = joined[mine].clone().requires_grad_()
        out = norm(own)
        (out**2 * factor[mine]).sum().backward()
        parts = [out.detach(), own.grad]
        if is_sync:
            parts = [gather(part).flatten(0, 1) for part in parts]
            for parameter in norm.parameters():
                dist.all_reduce(parameter.grad)
        parameters = [norm.weight.grad, norm.bias.grad]
        results[name] = [*parts, *parameters, norm.running_mean, norm.running_var]
    return results


if __name__ == "__main__":
    where = Path(sys.argv[1])
    result = train(where) | normalise()
    if dist.get_rank() == 0:
        torch.save(result, where / "result.pt")
    dist.destroy_process_group()
