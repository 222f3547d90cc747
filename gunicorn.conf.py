"""How gunicorn serves Toast Club; it reads this file by itself."""

import os
import signal
from typing import Any

from gunicorn import util

from toastclub import environment
from toastclub.logs import RedactingFormatter
from toastclub.serving import write_json_error

ENV = environment.load()

wsgi_app = "toastclub.wsgi:application"
bind = f"0.0.0.0:{ENV.port}"

# Threads, because requests wait: for headsets that upload over poor Wi-Fi, for the database,
# for the store. A worker that a slow upload occupied whole would be killed in the middle of it.
worker_class = "gthread"
workers = 2
threads = 32
timeout = 120  # seconds without a sign of life from the worker itself
graceful_timeout = 60  # seconds that running uploads get when the server is told to stop
keepalive = 5
# Off for `make dev`: --reload restarts the workers alone, and they would get the same code again.
preload_app = not ENV.debug

# Nobody's X-Forwarded-For is believed unless the deployment names its proxy.
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "")
forwarder_headers = ""
control_socket_disable = True

# gunicorn answers by itself what never becomes a request: as JSON, like every other error.
util.write_error = write_json_error

# The address as it was sent: decoded, it could hold line breaks. The formatter blots out its
# query: the admin's searches are names.
access_log_format = '%(h)s "%(m)s %({raw_uri}e)s" %(s)s %(b)s %(M)sms'

logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "redacted": {
            "()": RedactingFormatter,
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "redacted"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "gunicorn.error": {"handlers": [], "level": "INFO", "propagate": True},
        "gunicorn.access": {"handlers": [], "level": "INFO", "propagate": True},
    },
}


def post_worker_init(worker: Any) -> None:
    """Leaves Ctrl-C to the master, which then stops the workers.

    The terminal sends it to every process; a worker that is told twice at once may lock itself
    up until `graceful_timeout` is over.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
