"""Measurements as ratios to the least that could do the job; see README, Benchmarks."""
