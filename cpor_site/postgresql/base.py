"""Django's PostgreSQL where nothing stands between us and the server (DATABASE_POOL)."""

from django.db.backends.postgresql import base
from psycopg_pool import PoolTimeout


class DatabaseWrapper(base.DatabaseWrapper):
    """Keeps prepared statements, and has a pool that is at work again as soon as the server is.

    Found by its path in ENGINE, as Django finds its own.
    """

    #: A pooler that deals out connections by the transaction would lose them.
    keeps_plans = True

    def get_new_connection(self, conn_params):
        """Take a connection out of the pool; when none can be had, look at all that lie in it first.

        After a restart of the server each of them is dead. The pool's own check (CONN_HEALTH_CHECKS)
        finds out about one at a time, with pauses that grow from a second, and gives up before the end.
        """
        try:
            return super().get_new_connection(conn_params)
        except PoolTimeout:
            self.pool.check()
            return super().get_new_connection(conn_params)
