"""A private OpenID provider: real tokens with real signatures, for people and claims as a test wants them."""

from typing import Self

import requests

from .processes import (
    ManagedProcess,
    accepts_connections,
    free_port,
    make_folder,
    python_command,
    remove_folder,
)


class OpenIdProvider:
    """``with OpenIdProvider() as provider: provider.url``, which is its issuer too."""

    def __init__(self):
        self._process: ManagedProcess | None = None

    def start(self) -> Self:
        self.folder, self.port = make_folder("openid"), free_port()
        self._process = ManagedProcess(
            python_command("oidc_provider_mock", "--port", str(self.port)),
            log=self.folder / "provider.log",
        )
        self._process.wait_until(
            lambda: accepts_connections(self.port), what="the OpenID provider", timeout=60
        )
        return self

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def knows(self, subject: str, **claims) -> None:
        """Say these claims of someone from now on.

        What the provider itself would say (iss, aud, nonce) is overridden by a claim of that name.
        """
        requests.put(f"{self.url}/users/{subject}", json=claims, timeout=10).raise_for_status()

    def approve(self, address: str, subject: str) -> str:
        """Sign in there as ``subject``; returns the address that the browser is sent back to."""
        return self._answer(address, sub=subject)

    def deny(self, address: str) -> str:
        """Stop there; returns the address that the browser is sent back to."""
        return self._answer(address, action="deny")

    @staticmethod
    def _answer(address: str, **form: str) -> str:
        answer = requests.post(address, data=form, allow_redirects=False, timeout=10)
        return answer.headers["Location"]

    def stop(self) -> None:
        if self._process is not None:
            self._process.stop()
            self._process = None
        remove_folder(self.folder)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exc_info) -> None:
        self.stop()
