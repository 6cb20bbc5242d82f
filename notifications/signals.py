"""The outbox's signals; each has ``message=``, the current row. All but ``message_handling`` have
``now=``, the instant of what happened.

``message_sent``, ``message_failed`` and ``message_bounced`` are sent inside the transaction that
marks the row: what a receiver writes is committed together with the mark, or not at all. Receivers
must not send email or call other machines. A receiver that raises undoes the mark; the email is not
sent again for that, only announced again, a limited number of times (see ``outcomes``).
"""

from django.dispatch import Signal


class UnwantedMail(Exception):
    """Raised by a receiver of ``message_preparing``: the email must no longer go out; ``str()`` says why."""


class ActRefused(Exception):
    """Raised by a receiver of ``message_handling``; ``str()`` tells the person why."""


#: Sent to ask whether ``user=`` may mark the email as bounced or have it tried again. A receiver may raise
#: ``ActRefused``. The permission itself is checked elsewhere.
message_handling = Signal()

#: The email is about to be rendered. A receiver may change values of ``message.context``, such as a
#: deadline that counts from the sending; what was sent is kept in the row. It may also raise
#: ``UnwantedMail``, which cancels the email. Sent outside any transaction, once for each attempt.
message_preparing = Signal()

#: The mail server accepted the email; ``message.sent_at`` says when, ``rendered=`` is the exact
#: text (``rendering.Rendered``) [R20], [R21].
message_sent = Signal()

#: The email will not be sent: refused permanently, or too many attempts; ``message.last_error`` says why.
message_failed = Signal()

#: The email was accepted and came back later [R21]. ``message.last_error`` says why.
message_bounced = Signal()
