"""Starts moto's server for a test and ends with it: python3 server.py PORT SECONDS, ended by the end of its input.

Sessions of roles last for so many seconds, and a line says of each request who signed it.

Two things are as S3 and later versions of moto (5.2.1) do them, and not as that of Debian 13 (5.1.1) does: key names
in events of S3 are form-encoded, and a topic with raw delivery passes on a message that has no attributes.
"""

import datetime
import logging
import os
import re
import sys
import threading
from urllib.parse import quote_plus

from moto import __version__, server
from moto.s3 import notifications
from moto.sns.models import Topic
from moto.sts.models import AssumedRole


def as_forms_encode(made):
    def event(event_name, bucket, key, notification_id):
        body = made(event_name, bucket, key, notification_id)
        for record in body["Records"]:
            written = record["s3"]["object"]
            if written["key"] == key.name:
                written["key"] = quote_plus(key.name)
        return body

    return event


def with_attributes(publish):
    def publish_with(topic, *args, **kwargs):
        kwargs["message_attributes"] = kwargs.get("message_attributes") or {}
        return publish(topic, *args, **kwargs)

    return publish_with


class Signers(server.DomainDispatcherApplication):
    def __call__(self, environ, start_response):
        signed = re.search("Credential=([^/]+)/[^/]+/[^/]+/([^/]+)/", environ.get("HTTP_AUTHORIZATION", ""))
        key, service = signed.groups() if signed else ("nobody", "-")
        what = environ.get("HTTP_X_AMZ_TARGET", environ["REQUEST_METHOD"])
        sys.stdout.write(f"signed: {service} {what} {key}\n")
        sys.stdout.flush()
        return super().__call__(environ, start_response)


def short(made):
    def init(session, *args, **kwargs):
        made(session, *args, **kwargs)
        session.expiration = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=int(sys.argv[2]))

    return init


def end_with_input():
    sys.stdin.read()
    os._exit(0)


Topic.publish = with_attributes(Topic.publish)
AssumedRole.__init__ = short(AssumedRole.__init__)
server.DomainDispatcherApplication = Signers
notifications._get_s3_event = as_forms_encode(notifications._get_s3_event)
threading.Thread(target=end_with_input, daemon=True).start()
print("moto:", __version__, flush=True)
# A line for each request is no news.
logging.getLogger("werkzeug").setLevel(logging.ERROR)
server.main(["-H", "127.0.0.1", "-p", sys.argv[1]])
