"""Many families' forms as one workbook: its columns, and how its rows are read."""
