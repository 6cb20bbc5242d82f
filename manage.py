#!/usr/bin/env python
"""Django's command line for CPOR."""

import os
import sys


def main() -> None:
    if sys.argv[1:2] == ["demo"]:
        from cpor_site.demo.environment import prepare_environment  # noqa: PLC0415

        prepare_environment()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cpor_site.settings")
    from django.core.management import execute_from_command_line  # noqa: PLC0415 - settings first

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
