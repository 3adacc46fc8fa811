"""Judgments about students; each returns the reasons why something may not happen (empty = yes)."""
