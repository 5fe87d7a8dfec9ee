r"""Distribution of relaxation times of an impedance.

    Z(w) = R_inf + 1/(i w C) + i w L + integral of gamma(ln tau) / (1 + i w tau) d ln tau,   gamma >= 0

on a grid of ln tau, each time constant a Lorentzian in frequency. The real and the imaginary part are
fitted together, each point over |Z|, by non-negative least squares with Tikhonov's penalty on the second
difference of gamma: a sum of relaxations has infinitely many equally good distributions, and the penalty
picks the smooth one. References: Ivers-Tiffee & Weber 2017, J. Ceram. Soc. Jpn. 125 (the method); Lawson &
Hanson 1974, Solving Least Squares Problems (non-negative least squares).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

FloatArray = NDArray[np.float64]
ComplexArray = NDArray[np.complex128]


@dataclass(frozen=True, eq=False)
class RelaxationTimes:
    r"""Time constants [s], distribution ``gamma`` per unit of ln(time constant), and what is not relaxation.

    ``resistance`` at infinite frequency; ``inverse_capacitance`` [unit of gamma per s] of what never
    relaxes (a cell that fills up); ``inductance``; ``fit``: the impedance that they give; ``misfit``: root
    mean square of its difference over \|Z\|.
    """

    time_constants: FloatArray
    gamma: FloatArray
    resistance: float
    inverse_capacitance: float
    inductance: float
    fit: ComplexArray
    misfit: float

    @property
    def polarisation(self) -> float:
        """The area under the distribution: all resistance that relaxes."""
        return float(np.sum(self.gamma) * np.log(self.time_constants[1] / self.time_constants[0]))


def relaxation_times(
    frequencies: FloatArray, impedance: ComplexArray, *, smoothing: float = 1e-5, per_decade: int = 12
) -> RelaxationTimes:
    """The distribution of an impedance over frequencies [Hz], on ``per_decade`` time constants a decade.

    ``smoothing``: weight of the penalty; small resolves near time constants and turns noise into peaks.
    """
    w = 2 * np.pi * np.asarray(frequencies)
    z = np.asarray(impedance)
    low, high = np.log(1 / np.max(w)) - np.log(10), np.log(1 / np.min(w)) + np.log(10)
    count = int(np.ceil((high - low) / np.log(10) * per_decade)) + 1
    log_tau = np.linspace(low, high, count)
    step, tau = log_tau[1] - log_tau[0], np.exp(log_tau)
    scale = float(np.median(np.abs(z)))
    extra = np.stack([np.ones(len(w)), np.min(w) / (1j * w), 1j * w / np.max(w)], axis=1)
    kernel = np.concatenate([extra, step / (1 + 1j * w[:, None] * tau)], axis=1)
    weight = 1 / np.abs(z)
    rows = kernel * (weight * scale)[:, None]
    at = np.arange(count)
    penalty = np.zeros((count, kernel.shape[1]))  # beyond both ends the distribution is zero
    for k, c in ((-1, 1.0), (0, -2.0), (1, 1.0)):
        there = (at + k >= 0) & (at + k < count)
        penalty[at[there], 3 + at[there] + k] = c / step**2
    size = np.sqrt(smoothing * len(w) * step)
    matrix = np.concatenate([rows.real, rows.imag, size * penalty])
    right = np.concatenate([(z * weight).real, (z * weight).imag, np.zeros(len(at))])
    x = nnls(matrix, right, maxiter=100 * matrix.shape[1])[0] * scale
    fit = kernel @ x
    misfit = float(np.sqrt(np.mean(np.abs((fit - z) * weight) ** 2)))
    gamma = x[3:]
    return RelaxationTimes(tau, gamma, x[0], x[1] * np.min(w), x[2] / np.max(w), fit, misfit)
