"""The browser shares two cores with a server, a worker and another test: patience costs only what fails."""

from playwright.sync_api import expect

from tests.soak import IS_SOAK

expect.set_options(timeout=20_000)

#: Opening a site takes a minute or two, and each of its steps has a test of its own.
collect_ignore = [] if IS_SOAK else ["test_opening.py"]
