"""Starts what an embedded installation needs: its own PostgreSQL, and the demonstration on top."""
