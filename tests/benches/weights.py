#!/usr/bin/env python3
"""Weights of many gigabytes: how fast they are hashed, in how much memory, and what a kill costs.

    tests/benches/weights.py [--cog PROGRAM] [--gib 6] [--place DIRECTORY]

Makes files of random bytes, starts a registry (Debian's docker-registry) and puts a relay before it that counts what goes
through. Then: openssl's own speed; an import that only hashes; an import that is killed with SIGKILL at three moments and
ends the fourth time; the same again with nothing to do; a pull into another store, killed in the same way. Takes four times
the size in the place, and removes it.
"""

import argparse, hashlib, json, os, pathlib, random, shutil, signal, socket, subprocess, tempfile, threading, time

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


def peak(pid):
    """The largest resident set of a living process so far, in MiB."""
    try:
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) / 1024
    except (OSError, IndexError):
        return 0


def run(cog, words, project, cache, until=None):
    """Runs the program, and kills it when `until` says so; seconds, MiB, whether it ended by itself."""
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
    return time.monotonic() - begun, most, not killed


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
        relay = Relay(port)
        (project / "cog.yaml").write_text(
            f"model: {relay.address}/me/model\nweights:\n- {{name: net, target: /src/net, source: {{uri: net}}}}\n"
        )
        time.sleep(3)

        cores = os.cpu_count()
        before = speed(cores)
        seconds, memory, _ = run(cog, ["import", "--dry-run"], project, place / "nothing")
        after = speed(cores)
        promised = (before + after) / 2
        print(f"hashing {size} MiB on {cores} cores: {size / seconds:.0f} MiB/s, openssl {promised:.0f} MiB/s: "
              f"{100 * size / seconds / promised:.0f} %; {memory:.0f} MiB of memory")

        store, most, total = place / "store", 0, 0
        moments = sorted(random.uniform(0.1, 0.9) for _ in range(3))
        for moment in moments:
            seconds, memory, _ = run(cog, ["import"], project, store, lambda: relay.up > moment * size * MIB)
            most, total = max(most, memory), total + seconds
        seconds, memory, _ = run(cog, ["import"], project, store)
        most, total = max(most, memory), total + seconds
        extra = relay.up / MIB - size
        print(f"import, killed when {', '.join(f'{100 * moment:.0f} %' for moment in moments)} had been sent: "
              f"{total:.0f} s in all, {extra:.0f} MiB sent twice, {most:.0f} MiB of memory")
        seconds, memory, _ = run(cog, ["import"], project, store)
        print(f"import of the same: {seconds:.2f} s, {memory:.0f} MiB of memory")
        shutil.rmtree(store)

        other, most, total, relay.down = place / "other", 0, 0, 0
        moments = sorted(random.uniform(0.1, 0.9) for _ in range(3))
        for moment in moments:
            seconds, memory, _ = run(cog, ["pull"], project, other, lambda: relay.down > moment * size * MIB)
            most, total = max(most, memory), total + seconds
        seconds, memory, _ = run(cog, ["pull"], project, other)
        most, total = max(most, memory), total + seconds
        extra = relay.down / MIB - size
        print(f"pull, killed when {', '.join(f'{100 * moment:.0f} %' for moment in moments)} had come: "
              f"{total:.0f} s in all, {extra:.0f} MiB sent twice, {most:.0f} MiB of memory")
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
