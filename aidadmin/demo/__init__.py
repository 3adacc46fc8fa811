"""The demonstration district: synthetic people in a fictional region, walked through a term.

Every step calls the same actions as the pages. Identity numbers begin with 990, a region that does
not exist, so that none can be a living person's.
"""
