"""Real services for tests and benchmarks, started from PyPI packages."""
