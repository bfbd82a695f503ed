import math

import torch

from pipeline.loss import nt_xent


def slow_nt_xent(first, second, temperature):
    z = torch.cat([first, second])
    z = z / z.norm(dim=1, keepdim=True)
    n, total = len(first), 0.0
    for i in range(2 * n):
        denominator = 0.0
        for j in range(2 * n):
            if j == i:
                continue
            cosine = 0.0
            for d in range(z.shape[1]):
                cosine += float(z[i, d]) * float(z[j, d])
            denominator += math.exp(cosine / temperature)
            if j == (i + n) % (2 * n):
                positive = cosine / temperature
        total += math.log(denominator) - positive
    return total / (2 * n)


def test_loss_equals_the_triple_loop():
    generator = torch.Generator().manual_seed(3)
    first = torch.randn(5, 4, generator=generator, dtype=torch.float64)
    second = first + 0.5 * torch.randn(5, 4, generator=generator, dtype=torch.float64)
    for temperature in (0.1, 0.5, 1.0):
        expected = slow_nt_xent(first, second, temperature)
        assert math.isclose(nt_xent(first, second, temperature).item(), expected, rel_tol=1e-5)


def test_loss_of_projections_that_are_all_alike_is_log_2n_minus_1():
    alike = torch.ones(8, 16)
    assert math.isclose(nt_xent(alike, alike, 0.2).item(), math.log(15), rel_tol=1e-6)


def test_loss_ignores_the_length_of_projections():
    generator = torch.Generator().manual_seed(4)
    first, second = torch.randn(2, 6, 8, generator=generator)
    scaled = nt_xent(7 * first, 0.1 * second, 0.2)
    assert math.isclose(nt_xent(first, second, 0.2).item(), scaled.item(), rel_tol=1e-5)


def test_pairs_that_agree_cost_less_than_pairs_that_do_not():
    axes = torch.eye(8)
    assert nt_xent(axes, axes, 0.1) < 0.01
    assert nt_xent(axes, axes.roll(1, 0), 0.1) > 5
