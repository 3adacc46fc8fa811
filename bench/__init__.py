"""Benchmarks: each case beside its peer and its limit, as ratios of medians in one run."""
