"""How much of a training step is not the encoder, and what a mock galaxy costs.

Run with ``python -m tests.bench.bench_pipeline``.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import torch

from pipeline.augmentations import Views
from pipeline.config import EncoderConfig, ViewsConfig
from pipeline.encoder import Encoder
from pipeline.field import Field
from pipeline.loss import nt_xent
from pipeline.sources.mock import MockSource
from pipeline.train import SimCLR, best_precision

BATCH = 128
REPEATS = 5


def seconds(work: Callable[[], object]) -> float:
    """Return the median time of ``work`` after a warm-up."""
    work()
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def training() -> None:
    """Compare a whole training step with the encoder alone on the same batch."""
    model = SimCLR(Encoder(EncoderConfig()), 128)
    model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    enabled = best_precision() == "bf16-mixed"
    generator = torch.Generator().manual_seed(1)
    flux = 0.01 * torch.randn(BATCH, 3, 152, 152, generator=generator).half()
    pictures = (255 * torch.rand(BATCH, 3, 88, 88, generator=generator)).to(torch.uint8)
    ready = torch.rand(2 * BATCH, 3, 64, 64).contiguous(memory_format=torch.channels_last)

    def step(views: torch.Tensor) -> None:
        with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
            first, second = model(views).chunk(2)
        nt_xent(first, second, 0.2).backward()

    bare = seconds(lambda: step(ready))
    print(f"training step of {BATCH} galaxies, the encoder alone: {2 * BATCH / bare:6.0f} views/s")
    for name, cutouts, field in (
        ("g, r, z flux", flux, Field(152, 128, 64, is_flux=True, pixel_scale_arcsec=0.262)),
        ("pictures", pictures, Field(88, 88, 64, is_flux=False)),
    ):
        views = Views(ViewsConfig(), field)

        def whole(
            views: Views = views, cutouts: torch.Tensor = cutouts, field: Field = field
        ) -> None:
            prepared = field.prepare(cutouts)
            both = torch.cat([views(prepared, generator), views(prepared, generator)])
            step(both.contiguous(memory_format=torch.channels_last))

        full = seconds(whole)
        print(
            f"  with the views of {name:12}: {2 * BATCH / full:6.0f} views/s, "
            f"{100 * bare / full:.0f} % of it"
        )


def mock() -> None:
    """Time the mock survey, one process."""
    source, n = MockSource(n_objects=200, seed=1), 50
    time_s = seconds(lambda: source.read(0, n))
    print(f"mock survey: {1000 * time_s / n:.1f} ms a galaxy and core")


if __name__ == "__main__":
    training()
    mock()
