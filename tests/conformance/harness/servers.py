"""A server under test."""
import contextlib, json, os, re, signal, socket, subprocess, tempfile, time

from .client import send
from .receivers import FILE_SERVER, Receiver

LOOPBACK = re.compile(r"127\.0\.0\.1:(?!1\b)\d+")  # port 1 means "nobody listens": left as it is

READY_TIMEOUT = 30  # seconds

def free_port():
    """A port below those that the kernel gives to whoever asks for any, and UDP's port of that number, which, as long
    as it is held, tells other tests that it is taken (as tests/src/ports.rs does)."""
    for port in range(20000, 32000):
        with contextlib.ExitStack() as held, contextlib.suppress(OSError):
            claim = held.enter_context(socket.socket(type=socket.SOCK_DGRAM))
            claim.bind(("127.0.0.1", port))
            with socket.create_server(("0.0.0.0", port)):
                held.pop_all()
                return port, claim
    raise Failed("no port is free")

class Failed(Exception): """The server under test did not let the case be carried through."""

class Server:
    """The server under test, for one (model, env, args), in the state its cases want."""

    def __init__(self, case, options):
        self.key, self.wanted, self.files, self.last = case.key, case.wanted, Receiver(FILE_SERVER), None
        self.port, self.claim = free_port()
        command = [f"{options.models}/{case.model}", *(LOOPBACK.sub(self.files.address, a) for a in case.args)]
        env = {k: v for k, v in os.environ.items() if not k.startswith("COG_")}
        self.folder = tempfile.mkdtemp(case.model, dir=options.logs)
        # Some levels down, so that `../..` from there is still the server's own.
        work, tmp = (f"{self.folder}/its/own/{name}" for name in ("work", "tmp"))
        os.makedirs(work), os.makedirs(tmp)
        env = {**env, "TMPDIR": tmp, **case.env, "PORT": str(self.port)}
        with open(self.folder + ".log", "w+b") as log:
            self.process = subprocess.Popen(command, cwd=work, env=env, stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, start_new_session=True)
            if not self.ready(READY_TIMEOUT):
                why = f"never became {self.wanted} (last: {self.last}), exit status {self.process.poll()}"
                self.stop()
                log.seek(0)
                raise Failed(f"server {why}; its log ends: {log.read().decode('utf-8', 'replace')[-300:]!r}")
        time.sleep(0.2 if self.wanted == "READY" else 0)

    def ready(self, limit):
        end = time.monotonic() + limit
        while self.process.poll() is None:
            self.last = None
            with contextlib.suppress(ValueError, AttributeError):
                self.last = json.loads(send(self.port, "GET", "/health-check", timeout=12).text).get("status")
            if self.last == self.wanted or time.monotonic() > end:
                return self.last == self.wanted
            time.sleep(0.02)
        return False

    def stop(self):
        """Ends this server and what it started: the process group that was made for it."""
        with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
            self.process.terminate()
            self.process.wait(1)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.claim.close()
        self.files.close()
