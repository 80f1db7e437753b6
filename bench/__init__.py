"""The product's own measurements: `make bench`, `make bench ONLY=name`. One JSON line each.

Every measurement starts servers of its own, as the product would start them (fsync on), in folders of its own, and
leaves the instance in use alone. A filled database is kept under build/bench and used again while schema and
generator stay as they are; measurements that write do so in a copy of it.

Sizes come from the environment (BENCH_…, see scale.py), so that a measurement can be tried out small.
"""
