"""Random fields that make mock galaxies patchy."""

from __future__ import annotations

import numpy as np

N_LOG_RADIUS, N_ANGLE = 64, 128  # samples of a polar texture
LOG_RADIUS_RANGE = 4.0  # in ln(radius), after which the texture repeats: far wider than a disk


def smooth_field(rng: np.random.Generator, size: int, correlation_px: float) -> np.ndarray:
    """Return a periodic Gaussian random field, shape (size, size), of zero mean and unit variance.

    The correlation is the standard deviation of the Gaussian that smooths white noise into it.
    """
    k_y = np.fft.fftfreq(size)[:, None]
    k_x = np.fft.rfftfreq(size)[None, :]
    damping = np.exp(-2 * (np.pi * correlation_px) ** 2 * (k_y**2 + k_x**2))
    return _filtered(rng.standard_normal((size, size)), damping)


def polar_texture(
    rng: np.random.Generator, pitch_rad: float, sense: int, length: float, width: float
) -> np.ndarray:
    """Return a random field in (ln radius, angle) drawn out along a log-spiral.

    Parameters
    ----------
    rng : Generator
    pitch_rad : float
        Angle between the streaks and circles; the streaks are straight lines in these coordinates.
    sense : int
        +1 if the angle grows outwards along a streak, -1 if it shrinks.
    length, width : float
        Correlation lengths along and across the streaks, radians (that is, in units of radius).

    Returns
    -------
    ndarray, shape (N_LOG_RADIUS, N_ANGLE)
        Periodic on both axes, zero mean, unit variance, float32.
    """
    k_radius = 2 * np.pi * np.fft.fftfreq(N_LOG_RADIUS, LOG_RADIUS_RANGE / N_LOG_RADIUS)[:, None]
    k_angle = 2 * np.pi * np.fft.rfftfreq(N_ANGLE, 2 * np.pi / N_ANGLE)[None, :]
    sine, cosine = np.sin(pitch_rad), sense * np.cos(pitch_rad)
    k_along = sine * k_radius + cosine * k_angle
    k_across = cosine * k_radius - sine * k_angle
    damping = np.exp(-0.5 * ((length * k_along) ** 2 + (width * k_across) ** 2))
    return _filtered(rng.standard_normal((N_LOG_RADIUS, N_ANGLE)), damping)


def sample_polar(texture: np.ndarray, log_radius: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """Read a `polar_texture` at given places, shape (y, x), interpolated linearly.

    They are the natural logarithm of the radius, and the angle in radians.
    """
    n_radius, n_angle = texture.shape
    row = log_radius * np.float32(n_radius / LOG_RADIUS_RANGE)
    column = angle * np.float32(n_angle / (2 * np.pi))
    top, left = np.floor(row), np.floor(column)
    down, right = row - top, column - left
    # Both sizes are powers of two, so a bit mask wraps round, for negative numbers as well.
    top_row = (top.astype(np.int32) & (n_radius - 1)) * n_angle
    next_row = ((top.astype(np.int32) + 1) & (n_radius - 1)) * n_angle
    left_column = left.astype(np.int32) & (n_angle - 1)
    next_column = (left_column + 1) & (n_angle - 1)
    flat = texture.ravel()
    upper = flat[top_row + left_column] * (1 - right) + flat[top_row + next_column] * right
    lower = flat[next_row + left_column] * (1 - right) + flat[next_row + next_column] * right
    return upper * (1 - down) + lower * down


def clumps(texture: np.ndarray, strength: float) -> np.ndarray:
    """Turn a Gaussian field into a positive one of mean one: the larger `strength`, the lumpier."""
    return np.exp(np.float32(strength) * texture - np.float32(strength**2 / 2))


def _filtered(white: np.ndarray, damping: np.ndarray) -> np.ndarray:
    """Multiply a field's Fourier transform and scale the result to zero mean, unit variance."""
    spectrum = np.fft.rfft2(white) * damping
    spectrum[0, 0] = 0
    coloured = np.fft.irfft2(spectrum, s=white.shape)
    return (coloured / coloured.std()).astype(np.float32)
