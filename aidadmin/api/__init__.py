"""The read-only API, under the same roles and walls as the pages."""
