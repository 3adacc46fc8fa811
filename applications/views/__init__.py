"""Pages of programmes, rounds and applications."""
