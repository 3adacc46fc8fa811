"""The archive keeps no facts of its own yet; it reads every floor below."""
