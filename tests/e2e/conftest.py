"""The browser shares two cores with a server, a worker and another test: patience costs only what fails."""

from playwright.sync_api import expect

expect.set_options(timeout=20_000)
