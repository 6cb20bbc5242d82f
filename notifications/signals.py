"""What the outbox announces; each signal has ``message=``, the row as it now stands.

``message_sent``, ``message_failed`` and ``message_bounced`` are sent inside the transaction that
marks the row: what a receiver writes is committed together with the mark, or not at all. Receivers
must not send mail or call other machines. A receiver that raises undoes the mark; the mail is not
sent again for that, only announced again, a limited number of times (see ``outcomes``).
"""

from django.dispatch import Signal


class UnwantedMail(Exception):
    """Raised by a receiver of ``message_preparing``: the mail must not go out any more, and why."""


class ActRefused(Exception):
    """Raised by a receiver of ``message_handling``; ``str()`` tells the person why."""


#: Somebody is about to mark the mail as bounced or to have it tried again, or is only asked whether they
#: might; ``user=`` says who. A receiver may raise ``ActRefused``. The permission is asked for elsewhere.
message_handling = Signal()

#: The mail is about to be put into words. A receiver may change values of ``message.context``,
#: such as a deadline that counts from the sending; what was sent is kept in the row. It may also
#: raise ``UnwantedMail``, which cancels the mail. Sent outside any transaction, once for each attempt.
message_preparing = Signal()

#: The mail server accepted the mail; ``message.sent_at`` says when, ``rendered=`` is the exact
#: text (``rendering.Rendered``) [R20], [R21].
message_sent = Signal()

#: The mail will not be sent: refused for good, or too many attempts; ``message.last_error`` says
#: why.
message_failed = Signal()

#: The mail was accepted and came back later [R21]. ``message.last_error`` says why.
message_bounced = Signal()
