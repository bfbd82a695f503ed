"""Sums over all processes of a distributed training that carry gradients.

The objective that gradients belong to is the sum of the losses of all processes, so that the
gradient of what every process goes on with is the sum of theirs.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor


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
