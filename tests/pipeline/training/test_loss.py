import math

import pytest
import torch

from pipeline.training.loss import dcl, nt_xent


def slow_loss(first, second, temperature, *, positive_in_denominator):
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
            is_positive = j == (i + n) % (2 * n)
            if is_positive:
                positive = cosine / temperature
            if positive_in_denominator or not is_positive:
                denominator += math.exp(cosine / temperature)
        total += math.log(denominator) - positive
    return total / (2 * n)


@pytest.mark.parametrize(("loss", "positive_in_denominator"), [(nt_xent, True), (dcl, False)])
def test_loss_equals_the_triple_loop(loss, positive_in_denominator):
    generator = torch.Generator().manual_seed(3)
    first = torch.randn(5, 4, generator=generator, dtype=torch.float64)
    second = first + 0.5 * torch.randn(5, 4, generator=generator, dtype=torch.float64)
    for temperature in (0.1, 0.5, 1.0):
        expected = slow_loss(
            first, second, temperature, positive_in_denominator=positive_in_denominator
        )
        assert math.isclose(loss(first, second, temperature).item(), expected, rel_tol=1e-5)


def test_nt_xent_of_projections_that_are_all_alike_is_log_2n_minus_1():
    alike = torch.ones(8, 16)
    assert math.isclose(nt_xent(alike, alike, 0.2).item(), math.log(15), rel_tol=1e-6)


def test_dcl_of_projections_that_are_all_alike_is_log_2n_minus_2():
    alike = torch.ones(8, 16)
    assert math.isclose(dcl(alike, alike, 0.2).item(), math.log(14), rel_tol=1e-6)


def test_dcl_of_orthogonal_pairs_is_that_of_negatives_less_the_positive():
    # 14 negatives of cosine 0, a positive of cosine 1: log(14) - 1 / 0.5.
    axes = torch.eye(8)
    assert math.isclose(dcl(axes, axes, 0.5).item(), math.log(14) - 2, rel_tol=1e-6)


def test_dcl_pulls_a_pair_together_however_far_its_negatives_are():
    """NT-Xent lets go of a pair that agrees better than its negatives; DCL does not."""
    axes = torch.eye(8)
    gradients = {}
    for loss in (nt_xent, dcl):
        second = (axes + 0.1 * axes.roll(1, 0)).requires_grad_()
        loss(axes, second, 0.05).backward()
        gradients[loss] = second.grad.norm()
    assert gradients[dcl] > 100 * gradients[nt_xent]


@pytest.mark.parametrize("loss", [nt_xent, dcl])
def test_loss_ignores_the_length_of_projections(loss):
    generator = torch.Generator().manual_seed(4)
    first, second = torch.randn(2, 6, 8, generator=generator)
    scaled = loss(7 * first, 0.1 * second, 0.2)
    assert math.isclose(loss(first, second, 0.2).item(), scaled.item(), rel_tol=1e-5)


@pytest.mark.parametrize("loss", [nt_xent, dcl])
def test_pairs_that_agree_cost_less_than_pairs_that_do_not(loss):
    axes = torch.eye(8)
    assert loss(axes, axes, 0.1) < 0.01
    assert loss(axes, axes.roll(1, 0), 0.1) > 2.5
