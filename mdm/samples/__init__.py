"""Sample exports: a seeded, made-up world as five systems tell of it, with the truth beside."""

from mdm.samples.bench import bench_csv
from mdm.samples.exports import SampleSet, write_exports

__all__ = ["SampleSet", "bench_csv", "write_exports"]
