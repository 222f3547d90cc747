"""How gunicorn serves Toast Club; it reads this file by itself."""

import gc
import os
import signal
import socket
import struct
from typing import Any

from gunicorn import util
from gunicorn.http.body import LengthReader

from recordings.temporary import sweep_all
from toastclub import environment
from toastclub.logs import RedactingFormatter, is_no_stall
from toastclub.serving import read_piece, write_json_error

ENV = environment.load()

wsgi_app = "toastclub.wsgi:application"
bind = f"0.0.0.0:{ENV.port}"

# For a classroom of thirty headsets on two cores: a process a core, and threads because requests
# wait, for headsets that upload over poor Wi-Fi, for the database, for the store. There are more of
# them than headsets, so that fifty connections that stall leave room (`make bench`).
worker_class = "gthread"
workers = 2
threads = 64
timeout = 120  # seconds without a sign of life from the worker itself
graceful_timeout = 300  # seconds that running uploads get when the server is told to stop
keepalive = 15  # longer than the 5 s after which clients are asked to try again
STALL_SECONDS = 20  # without a byte, before a connection is cut
# Off for `make dev`: --reload restarts the workers alone, and they would get the same code again.
preload_app = not ENV.debug

# Nobody's X-Forwarded-For is believed unless the deployment names its proxy.
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "")
forwarder_headers = ""
control_socket_disable = True

# A body is copied once on its way, not at every turn.
LengthReader.read = read_piece

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
    "filters": {"no_stalls": {"()": lambda: is_no_stall}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "redacted"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "gunicorn.error": {
            "handlers": [],
            "level": "INFO",
            "propagate": True,
            "filters": ["no_stalls"],
        },
        "gunicorn.access": {"handlers": [], "level": "INFO", "propagate": True},
    },
}


def on_starting(server: Any) -> None:
    """Deletes the voices that processes left behind when they were killed."""
    sweep_all(ENV.data_dir)


def child_exit(server: Any, worker: Any) -> None:
    sweep_all(ENV.data_dir)


def when_ready(server: Any) -> None:
    _cut_stalled_connections(server)
    _keep_what_is_loaded()


def _cut_stalled_connections(server: Any) -> None:
    """Has the system cut connections that stall; accepted ones inherit it from the listener.

    gunicorn itself only cuts those that have not sent a byte.
    """
    limit = struct.pack("ll", STALL_SECONDS, 0)  # a C timeval: seconds and microseconds
    for listener in server.LISTENERS:
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)


def _keep_what_is_loaded() -> None:
    """Spares the workers' garbage collection the application, which is never garbage.

    Going through it all, a worker would stand still, and copy the memory that it shares.
    """
    gc.collect()
    gc.freeze()


def post_worker_init(worker: Any) -> None:
    """Leaves Ctrl-C to the master, which then stops the workers.

    The terminal sends it to every process; a worker that is told twice at once may lock itself
    up until `graceful_timeout` is over.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _refuse_newcomers_when_stopping(worker)


def _refuse_newcomers_when_stopping(worker: Any) -> None:
    """Has a worker that finishes its uploads stop listening.

    gunicorn only stops accepting: whoever connects then would wait for an answer until it ends.
    """

    def stop_listening() -> None:
        worker.set_accept_enabled(False)
        for listener in worker.sockets:
            listener.sock.close()

    def handle_exit(signal_number: int, frame: Any) -> None:
        worker.handle_exit(signal_number, frame)
        worker.method_queue.defer(stop_listening)

    signal.signal(signal.SIGTERM, handle_exit)
