"""Senders to be killed. Each announcement writes a row of its own.

Reads one command a line: ``start`` forks a sender that works until it dies and answers with its
process id; ``reap`` waits until it is dead. Loading the project once makes many deaths cheap.
"""

import os
import sys
import time

import django


def main() -> None:
    django.setup()
    from django.conf import settings

    from notifications.signals import message_sent
    from tests.notifications.conftest import TEMPLATES

    settings.TEMPLATES[0]["DIRS"].insert(0, TEMPLATES)
    message_sent.connect(write_effect)
    child = 0
    for command in sys.stdin:
        if command == "start\n":
            child = os.fork()
            if child == 0:
                send_for_ever()
            answer(child)
        else:
            os.waitpid(child, 0)
            answer("dead")


def write_effect(sender, message, **kwargs):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO sent_effect (key) VALUES (%s)", [message.key])


def send_for_ever():
    from notifications.delivery import deliver_due

    while True:
        deliver_due()
        time.sleep(0.01)


def answer(words):
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
