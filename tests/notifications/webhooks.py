"""Bounce reports of the mail services that docs/operations.md names, as each posts them.

Shaped like the samples in the services' own documentation and in django-anymail's tests; ``gives_back`` is
the value of the header that ``notifications.identity`` sends along, as the service repeats it.
"""

import hashlib
import hmac
import json
import time
from base64 import b64encode

HOOKS = "/hooks/mail/"
SECRET = "name:secret"
SETTINGS = {
    "WEBHOOK_SECRET": SECRET,
    "MAILGUN_WEBHOOK_SIGNING_KEY": "mailgun-key",
    "MAILERSEND_SIGNING_SECRET": "mailersend-key",
    "MANDRILL_WEBHOOK_KEY": "mandrill-key",
}
WORDS = "550 5.1.1 no such user"


def post(client, service, report):
    """Send a report to the address of its service, with the secret; return the answer."""
    headers = {"authorization": "Basic " + b64encode(SECRET.encode()).decode()}
    if service == "mandrill":
        return _post_mandrill(client, report)
    body = json.dumps(report)
    if service == "mailersend":
        signed = hmac.new(b"mailersend-key", body.encode(), hashlib.sha256)
        headers["signature"] = signed.hexdigest()
    return client.post(HOOKS + f"{service}/tracking/", body, "application/json", headers=headers)


def _post_mandrill(client, report):
    events = json.dumps(report)
    address = f"http://{SECRET}@testserver{HOOKS}mandrill/"
    signed = hmac.new(b"mandrill-key", f"{address}mandrill_events{events}".encode(), hashlib.sha1)
    headers = {
        "authorization": "Basic " + b64encode(SECRET.encode()).decode(),
        "x-mandrill-signature": b64encode(signed.digest()).decode(),
    }
    return client.post(HOOKS + "mandrill/", {"mandrill_events": events}, headers=headers)


def brevo(to, gives_back, at):
    report = {
        "event": "hard_bounce",
        "email": to,
        "ts_epoch": int(at.timestamp() * 1000),
        "message-id": "<201803011158.9876543210@smtp-relay.mailin.fr>",
        "reason": f" RecipientError: {WORDS}",
    }
    return report | ({"X-Mailin-custom": gives_back} if gives_back else {})


def mailersend(to, gives_back, at):
    return {
        "type": "activity.hard_bounced",
        "data": {
            "id": "63fd251d5c00f8e52001fce6",
            "type": "hard_bounced",
            "created_at": at.strftime("%Y-%m-%dT%H:%M:%S.593000Z"),
            "email": {
                "status": "rejected",
                "message": {"id": "63fd25194d5edba3da09e044"},
                "recipient": {"email": to},
            },
            "morph": {"object": "recipient_bounce", "reason": WORDS},
        },
    }


def mailgun(to, gives_back, at):
    token, now = "ba9fbe8d5cd6c6ab3ecc4fd7c1a9b2d9cbd7", str(int(time.time()))
    digest = hmac.new(b"mailgun-key", (now + token).encode(), hashlib.sha256).hexdigest()
    event = {
        "event": "failed",
        "severity": "permanent",
        "reason": "bounce",
        "id": "pl271FzxTTmGRW8Uj3dUWw",
        "timestamp": at.timestamp(),
        "recipient": to,
        "message": {"headers": {"message-id": "20180524174456.1.0@mg.example.com", "to": to}},
        "delivery-status": {"code": 550, "message": WORDS, "description": ""},
        "user-variables": json.loads(gives_back) if gives_back else {},
    }
    signature = {"timestamp": now, "token": token, "signature": digest}
    return {"signature": signature, "event-data": event}


def mailjet(to, gives_back, at):
    report = {
        "event": "bounce",
        "time": int(at.timestamp()),
        "MessageID": 12345678901234567,
        "email": to,
        "hard_bounce": True,
        "error_related_to": "recipient",
        "error": "user unknown",
        "comment": WORDS,
        "Payload": gives_back or "",
    }
    return [report]


def mailtrap(to, gives_back, at):
    report = {
        "event": "bounce",
        "message_id": "00000000-0000-0000-0000-000000000001",
        "event_id": "00000000-0000-0000-0000-000000000002",
        "email": to,
        "timestamp": int(at.timestamp()),
        "response": WORDS,
        "response_code": 550,
        "bounce_category": "badmailbox",
    }
    variables = {"custom_variables": json.loads(gives_back)} if gives_back else {}
    return {"events": [report | variables]}


def mandrill(to, gives_back, at):
    sent = {
        "ts": int(at.timestamp()),
        "email": to,
        "sender": "no-reply@northwind.example",
        "bounce_description": "bad_mailbox",
        "diag": f"smtp;{WORDS}",
        "_id": "abcdef012345789abcdef012345789",
        "metadata": json.loads(gives_back) if gives_back else [],
    }
    return [{"event": "hard_bounce", "msg": sent, "_id": sent["_id"], "ts": int(at.timestamp())}]


def postmark(to, gives_back, at):
    return {
        "RecordType": "Bounce",
        "Type": "HardBounce",
        "MessageID": "2706ee8a-737c-4285-b032-ccd317af53ed",
        "Email": to,
        "BouncedAt": at.isoformat(),
        "Description": "The server was unable to deliver your message",
        "Details": f"smtp;{WORDS}",
        "Metadata": {"cpor-message": gives_back} if gives_back else {},
    }


def sendgrid(to, gives_back, at):
    report = {
        "event": "bounce",
        "type": "bounce",
        "email": to,
        "timestamp": int(at.timestamp()),
        "status": "5.1.1",
        "reason": WORDS,
        "smtp-id": "<wrfRRvF7Q0GgwUo2CvDmEA@ismtpd0006p1sjc2.sendgrid.net>",
        "sg_event_id": "lC0Rc-FuQmKbnxCWxX1jRQ",
        "sg_message_id": "Lli-03HcQ5-JLybO9fXsJg.filter0077p1las1.21536.5717FC482.0",
    }
    return [report | (json.loads(gives_back)["unique_args"] if gives_back else {})]


def sparkpost(to, gives_back, at):
    event = {
        "type": "bounce",
        "bounce_class": "10",
        "error_code": "550",
        "event_id": "84345317653491230",
        "message_id": "0004e3724f57753a3561",
        "raw_rcpt_to": to,
        "rcpt_to": to,
        "raw_reason": WORDS,
        "timestamp": str(int(at.timestamp())),
        "transmission_id": "84345317650824116",
        "rcpt_meta": json.loads(gives_back)["metadata"] if gives_back else {},
    }
    return [{"msys": {"message_event": event}, "cust": {"id": "00000"}}]


#: Services that give our name of the email back, and one that gives nothing back.
NAMING = (brevo, mailgun, mailjet, mailtrap, mandrill, postmark, sendgrid, sparkpost)
SILENT = (mailersend,)
