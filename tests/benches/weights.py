#!/usr/bin/env python3
"""Weights of many gigabytes: how fast they are hashed, in how much memory, and what a kill costs.

    tests/benches/weights.py [--cog PROGRAM] [--gib 6] [--place DIRECTORY] [--keeping]

Makes files of random bytes, starts a registry (Debian's docker-registry) and puts a relay before it that counts what goes
through. That registry forgets an upload of which a piece is cut off; with `--keeping` the relay hands it on in small pieces
and knows how far it has come, as registries do that keep what has arrived. Then: five imports that only hash, and openssl's
own speed between them; an import that is killed with SIGKILL at three moments and ends the fourth time; the same again with
nothing to do; unless `--keeping`, a pull into another store, killed in the same way. Takes four times the size in the place,
and removes it.
"""

import argparse, hashlib, http.client, http.server, json, os, pathlib, random, shutil, signal, socket, statistics, subprocess
import tempfile, threading, time, urllib.parse

MIB = 1 << 20


class Relay:
    """A way to a port of this machine that counts bytes in both directions."""

    def __init__(self, port):
        self.port, self.up, self.down = port, 0, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            server = socket.create_connection(("127.0.0.1", self.port))
            for source, target, name in ((client, server, "up"), (server, client, "down")):
                threading.Thread(target=self.pass_on, args=(source, target, name), daemon=True).start()

    def pass_on(self, source, target, name):
        buffer = bytearray(MIB)
        try:
            while read := source.recv_into(buffer):
                target.sendall(memoryview(buffer)[:read])
                setattr(self, name, getattr(self, name) + read)
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Upload:
    """One that the registry behind a Keeper knows of."""

    def __init__(self, place):
        self.place, self.arrived, self.lock = place, 0, threading.Lock()


class Keeper:
    """A registry's front that keeps what has arrived of a piece that was cut off."""

    PART = 4 * MIB

    def __init__(self, port):
        self.port, self.up, self.down, self.uploads, self.counting = port, 0, 0, {}, threading.Lock()

        class Front(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            log_message = lambda *_: None
            do_HEAD = do_GET = do_POST = do_PUT = do_PATCH = lambda request: self.answer(request)

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Front)
        server.daemon_threads = True
        self.address = "127.0.0.1:%d" % server.server_port
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def answer(self, request):
        url = urllib.parse.urlsplit(request.path)
        upload = self.uploads.get(url.path.rsplit("/", 1)[-1])
        length = int(request.headers.get("Content-Length") or 0)
        if upload and request.command in ("GET", "PATCH"):
            with upload.lock:
                if request.command == "PATCH" and not self.receive(request, upload, length):
                    request.close_connection = True
                    return
                said = {"Location": url.path, "Range": f"0-{max(upload.arrived - 1, 0)}", "Content-Length": "0"}
                return self.reply(request, 202 if request.command == "PATCH" else 204, said, b"")
        body = request.rfile.read(length)
        self.count(body)
        place = request.path
        if upload:
            place = upload.place + ("&" if "?" in upload.place else "?") + url.query
        status, headers, body = self.ask(request.command, place, body, dict(request.headers))
        if status == 202 and request.command == "POST":
            place = urllib.parse.urlsplit(headers["Location"])
            name = place.path.rsplit("/", 1)[-1]
            self.uploads[name] = Upload(f"{place.path}?{place.query}")
            headers["Location"] = place.path
        self.reply(request, status, headers, body)

    def receive(self, request, upload, length):
        """Hands a piece on, or as much of it as comes; whether it came whole."""
        while length:
            part = self.read(request.rfile, min(length, self.PART))
            self.count(part)
            if part:
                about = {"Content-Range": f"{upload.arrived}-{upload.arrived + len(part) - 1}"}
                status, headers, body = self.ask("PATCH", upload.place, part, about)
                assert status == 202, body
                place = urllib.parse.urlsplit(headers["Location"])
                upload.place, upload.arrived = f"{place.path}?{place.query}", upload.arrived + len(part)
            if len(part) < min(length, self.PART):
                return False
            length -= len(part)
        return True

    def count(self, part):
        with self.counting:
            self.up += len(part)

    def read(self, stream, length):
        """So many bytes, or what comes before the end."""
        part = bytearray()
        try:
            while len(part) < length and (more := stream.read1(length - len(part))):
                part += more
        except OSError:
            pass
        return bytes(part)

    def ask(self, method, place, body, headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.request(method, place, body, {**headers, "Content-Length": str(len(body))})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, dict(answer.headers), body

    def reply(self, request, status, headers, body):
        request.send_response_only(status)
        for name, value in headers.items():
            request.send_header(name, value)
        try:
            request.end_headers()
            request.wfile.write(body)
        except OSError:  # It was killed.
            request.close_connection = True


def peak(pid):
    """The largest resident set of a living process so far, in MiB."""
    try:
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) / 1024
    except (OSError, IndexError):
        return 0


def run(cog, words, project, cache, until=None):
    """Runs the program, and kills it when `until` says so; seconds, MiB at most."""
    environment = {**os.environ, "COG_CACHE_DIR": str(cache), "DOCKER_HOST": "unix:///nonexistent"}
    begun, most = time.monotonic(), 0
    with open(project / "output.txt", "w") as output:
        process = subprocess.Popen([cog, "weights", *words], cwd=project, env=environment, stdout=output, stderr=output)
        killed = False
        while process.poll() is None:
            most = max(most, peak(process.pid))
            if until and until():
                process.send_signal(signal.SIGKILL)
                process.wait()
                killed = True
                break
            time.sleep(0.02)
    if not killed and process.returncode:
        raise SystemExit(f"cog weights {' '.join(words)} failed:\n" + (project / "output.txt").read_text())
    return time.monotonic() - begun, most


def resumed(cog, words, project, cache, size, moved):
    """Runs the program, killed at three moments of the `size` MiB of which `moved` says how much has gone through, and then
    to its end; the moments, seconds in all, MiB at most."""
    moments = sorted(random.uniform(0.1, 0.9) for _ in range(3))
    runs = [run(cog, words, project, cache, lambda: moved() > moment * size * MIB) for moment in moments]
    runs.append(run(cog, words, project, cache))
    told = ", ".join(f"{100 * moment:.0f} %" for moment in moments)
    return told, sum(seconds for seconds, _ in runs), max(memory for _, memory in runs)


def speed(processes):
    """What openssl hashes in a second, in MiB."""
    words = ["openssl", "speed", "-evp", "sha256", "-bytes", "262144", "-seconds", "3", "-multi", str(processes)]
    last = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()[-1]
    return float(last.rstrip("k")) * 1000 / MIB


def main():
    asked = argparse.ArgumentParser()
    asked.add_argument("--cog", default="target/release/cog")
    asked.add_argument("--gib", type=float, default=6)
    asked.add_argument("--place", default=None)
    asked.add_argument("--keeping", action="store_true")
    asked = asked.parse_args()
    cog = str(pathlib.Path(asked.cog).resolve())
    place = pathlib.Path(tempfile.mkdtemp(prefix="cog-weights-", dir=asked.place))
    registry = None
    try:
        project = place / "project"
        (project / "net").mkdir(parents=True)
        size = 0
        for number in range(4):
            part = int(asked.gib * 1024 / 4)
            command = f"openssl enc -aes-128-ctr -nosalt -pass pass:{number} </dev/zero 2>/dev/null | head -c {part}M"
            subprocess.run(["sh", "-c", f"{command} >net/part-{number}.safetensors"], cwd=project, check=True)
            size += part
        (project / "net/config.json").write_text("{}")
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        (place / "registry.yml").write_text(
            f"version: 0.1\nlog: {{ level: error }}\nstorage: {{ filesystem: {{ rootdirectory: {place}/blobs }} }}\n"
            f'http: {{ addr: "127.0.0.1:{port}" }}\n'
        )
        registry = subprocess.Popen(["docker-registry", "serve", str(place / "registry.yml")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        relay = Keeper(port) if asked.keeping else Relay(port)
        (project / "cog.yaml").write_text(
            f"model: {relay.address}/me/model\nweights:\n- {{name: net, target: /src/net, source: {{uri: net}}}}\n"
        )
        time.sleep(3)

        cores = os.cpu_count()
        os.sync()  # Writing the files back would take its share of the cores.
        after, reached = speed(cores), []
        for repetition in range(5):
            before = after
            seconds, memory = run(cog, ["import", "--dry-run"], project, place / f"nothing-{repetition}")
            after = speed(cores)
            promised = (before + after) / 2
            reached.append(100 * size / seconds / promised)
            print(f"hashing {size} MiB on {cores} cores: {size / seconds:.0f} MiB/s, openssl {promised:.0f} MiB/s: "
                  f"{reached[-1]:.0f} %; {memory:.0f} MiB of memory")
        print(f"hashing, median: {statistics.median(reached):.0f} % of openssl")

        store = place / "store"
        moments, total, most = resumed(cog, ["import"], project, store, size, lambda: relay.up)
        print(f"import, killed when {moments} had been sent: {total:.0f} s in all, {relay.up / MIB - size:.0f} MiB sent twice, "
              f"{most:.0f} MiB of memory")
        seconds, memory = run(cog, ["import"], project, store)
        print(f"import of the same: {seconds:.2f} s, {memory:.0f} MiB of memory")
        if asked.keeping:
            return
        shutil.rmtree(store)

        other, relay.down = place / "other", 0
        moments, total, most = resumed(cog, ["pull"], project, other, size, lambda: relay.down)
        print(f"pull, killed when {moments} had come: {total:.0f} s in all, {relay.down / MIB - size:.0f} MiB sent twice, "
              f"{most:.0f} MiB of memory")
        lock = json.loads((project / "weights.lock").read_text())
        for file in lock["weights"][0]["files"]:
            name = file["digest"].removeprefix("sha256:")
            with open(other / "weights/files/sha256" / name[:2] / name, "rb") as kept:
                assert hashlib.file_digest(kept, "sha256").hexdigest() == name, file["path"]
        print(f"{len(lock['weights'][0]['files'])} files have the digests that weights.lock lists")
    finally:
        if registry:
            registry.terminate()
            registry.wait()
        shutil.rmtree(place)


main()
