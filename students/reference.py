"""Reference data of this app, loaded after migration; loading twice changes nothing."""


def load() -> None:
    """Fill what is missing."""
