"""Protected values: sealed wherever they stand, compared by keyed hashes."""
