"""Placeholder."""


def make(seed, count, fixed):
    return []
