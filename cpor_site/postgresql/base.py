"""Django's PostgreSQL with a pool of connections (DATABASE_POOL)."""

from django.db.backends.postgresql import base
from psycopg_pool import PoolTimeout


class DatabaseWrapper(base.DatabaseWrapper):
    """Have a pool that works again as soon as the server does.

    Found by its path in ENGINE, as Django finds its own.
    """

    def get_new_connection(self, conn_params):
        """Take a connection out of the pool; when none can be had, check all that are in it first.

        After a restart of the server each of them is dead. The pool's own check (CONN_HEALTH_CHECKS)
        finds out about one at a time, with pauses that grow from a second, and gives up before the end.
        """
        try:
            return super().get_new_connection(conn_params)
        except PoolTimeout:
            self.pool.check()
            return super().get_new_connection(conn_params)
