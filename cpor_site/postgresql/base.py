"""Django's PostgreSQL backend with a pool of connections (DATABASE_POOL)."""

from django.db.backends.postgresql import base
from psycopg_pool import PoolTimeout


class DatabaseWrapper(base.DatabaseWrapper):
    """Has a pool that recovers as soon as the server does.

    Found by its path in ENGINE, as Django finds its own.
    """

    def get_new_connection(self, conn_params):
        """Take a connection from the pool; if there is none, check all idle ones first.

        After a server restart all of them are dead. The pool's own check (CONN_HEALTH_CHECKS) finds out
        about one at a time, with pauses that grow from a second, and gives up before it is through.
        """
        try:
            return super().get_new_connection(conn_params)
        except PoolTimeout:
            self.pool.check()
            return super().get_new_connection(conn_params)
