"""What no sound goes beyond."""

SHORTEST = 2  # samples of a sound; one is a click of no length
LOUDEST = 1e9  # of samples, which lie between -1 and 1; their powers must not overflow
SLOWEST, FASTEST = 1000, 768_000  # sample rates in Hz; a false one would swell a clip a thousandfold
