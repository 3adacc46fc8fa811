"""A roster file against the roster: columns, rows, class names and the difference."""
