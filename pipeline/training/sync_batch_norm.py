"""Batch norm over the joined batch of all processes; torch's own runs on GPUs only.

Its sums over all processes carry gradients. The objective that gradients belong to is the sum of
the losses of all processes, so that the gradient of what every process goes on with is the sum of
theirs.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm


class _Sum(torch.autograd.Function):
    @staticmethod
    def forward(_context: Any, value: Tensor) -> Tensor:
        total = value.clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(_context: Any, gradient: Tensor) -> Tensor:
        total = gradient.clone()
        dist.all_reduce(total)
        return total


def sum_of_all(value: Tensor) -> Tensor:
    """Return the sum of ``value`` over processes."""
    return _Sum.apply(value)


def gather(value: Tensor) -> Tensor:
    """Return ``value`` of every process, shape (n_processes, ...)."""
    rows = value.new_zeros((dist.get_world_size(), *value.shape))
    rows[dist.get_rank()] = value
    return sum_of_all(rows)


class SyncBatchNorm(_BatchNorm):
    """Batch norm of (n, channels, ...) with the statistics of all processes, n alike in each."""

    def _check_input_dim(self, input: Tensor) -> None:
        pass

    def forward(self, input: Tensor) -> Tensor:
        """Normalise; the same as `torch.nn.BatchNorm2d` of the joined batch."""
        if not self.training:
            return super().forward(input)
        axes = [0, *range(2, input.ndim)]
        shape = (1, -1) + (1,) * (input.ndim - 2)
        with torch.autocast(input.device.type, enabled=False):
            x = input.to(torch.promote_types(input.dtype, torch.float32))
            n = dist.get_world_size() * x.numel() // x.shape[1]
            mean = sum_of_all(x.sum(axes)) / n
            centred = x - mean.view(shape)
            variance = sum_of_all(centred.square().sum(axes)) / n
            self._remember(mean.detach(), variance.detach() * n / (n - 1))
            scale = self.weight * torch.rsqrt(variance + self.eps)
            return (centred * scale.view(shape) + self.bias.view(shape)).to(input.dtype)

    def _remember(self, mean: Tensor, variance: Tensor) -> None:
        assert self.running_mean is not None  # as it was made  # nosec B101
        assert self.running_var is not None  # as it was made  # nosec B101
        assert self.num_batches_tracked is not None  # as it was made  # nosec B101
        assert self.momentum is not None  # as it was made  # nosec B101
        self.num_batches_tracked += 1
        self.running_mean.lerp_(mean, self.momentum)
        self.running_var.lerp_(variance, self.momentum)


def synchronise(model: nn.Module, device: torch.device) -> nn.Module:
    """Return the model with batch norms over all processes; names of parameters stay.

    Before an optimiser gets to know the parameters.
    """
    if device.type == "cuda":
        return nn.SyncBatchNorm.convert_sync_batchnorm(model)
    for module in list(model.modules()):
        for name, child in module.named_children():
            if isinstance(child, _BatchNorm):
                own = SyncBatchNorm(child.num_features, child.eps, child.momentum)
                own.load_state_dict(child.state_dict())
                setattr(module, name, own)
    return model
