"""Judgments: each returns the reasons why not (empty = yes), and reads nothing itself."""
