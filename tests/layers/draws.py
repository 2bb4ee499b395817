"""Whether random numbers are of a distribution."""

import numpy as np
from scipy import stats


def fits(values, distribution, low: float = -np.inf, high: float = np.inf) -> bool:
    """The test of Kolmogorov and Smirnov on those between two places, of which there must be many."""
    values, (below, up_to) = np.asarray(values), distribution.cdf([low, high])
    inside = values[(values > low) & (values < high)]
    p = stats.kstest(inside, lambda v: (distribution.cdf(v) - below) / (up_to - below)).pvalue
    return p > 1e-3 and len(inside) > 200
