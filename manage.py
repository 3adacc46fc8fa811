#!/usr/bin/env python
"""Entry for every command; starts the embedded database when no DATABASE_URL is set."""

import os
import sys

from django.core.management import execute_from_command_line

from aidadmin.launch import embedded


def main() -> None:
    """Run one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aidadmin.settings")
    embedded.prepare(sys.argv[1:])
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
