"""Trying breaks, each in a copy of the project that no one works in."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.servers.postgresql import PostgresServer

from .breaks import Break
from .covering import BUDGET

#: A break that makes a test hang is noticed: people notice it, too.
PATIENCE = 4 * BUDGET
#: pytest's exit codes that say that tests ran and failed, or that the broken code cannot be imported.
NOTICED = {1, 2, 3, 4}


class Bench:
    """A copy of the project, and a database for it alone on ``server``; without one, SQLite."""

    def __init__(self, root: Path, folder: Path, *, server: PostgresServer | None = None):
        self.folder = folder
        self._copy(root)
        self._has_tables = False
        self._arguments = ["--database=sqlite"]
        # A test that tries a break may itself be a worker's.
        shell = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
        self._environment = shell
        if server:
            self._arguments = ["--database=postgresql", "--reuse-db"]
            self._environment["CPOR_TEST_SERVER"] = server.create_database(folder.name)

    def _copy(self, root: Path) -> None:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=root,
            capture_output=True,
            check=True,
        ).stdout.decode()
        compiled = [path.relative_to(root) for path in root.glob("*/locale/*/LC_MESSAGES/*.mo")]
        for name in [*filter(None, listed.split("\0")), *compiled]:
            if (root / name).is_file():
                (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(root / name, self.folder / name)

    def run(self, tests: list[str]) -> subprocess.CompletedProcess:
        """Run ``tests`` until the first fails. Raises TimeoutExpired after PATIENCE seconds."""
        chosen = self.folder / "chosen-tests.txt"
        chosen.write_text("\n".join(tests))
        first = [] if self._has_tables else ["--create-db"]
        self._has_tables = True
        try:
            return subprocess.run(
                [
                    *(sys.executable, "-m", "pytest", "-q", "-x", "-n0", "--no-header"),
                    *("-p", "no:cacheprovider", *self._arguments, *first, f"@{chosen}"),
                ],
                cwd=self.folder,
                env=self._environment,
                capture_output=True,
                check=False,
                text=True,
                timeout=PATIENCE,
            )
        except subprocess.TimeoutExpired:
            self._has_tables = False
            raise

    def is_noticed(self, each: Break, tests: list[str]) -> bool:
        """Return whether a test fails, hangs or cannot start with the break."""
        if not tests:
            return False
        path = self.folder / each.path
        whole = path.read_bytes()
        path.write_bytes(each.apply(whole))
        try:
            return self.run(tests).returncode in NOTICED
        except subprocess.TimeoutExpired:
            return True
        finally:
            path.write_bytes(whole)
