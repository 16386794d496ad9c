"""Carrying out one case on one server."""
import ast, contextlib, functools, glob, json, os, re, signal, socket, subprocess, threading, time

from .cases import Skip
from .client import send
from .compare import compare_response, compare_traffic, is_final
from .conduct import Conduct
from .receivers import FILE_SERVER, Receiver
from .servers import Failed, LOOPBACK

class Session:
    """One case on one server: its steps, its request, and the wait for its webhooks."""

    def __init__(self, case, server, known):
        self.case, self.server, self.known, self.expect_exit = case, server, known, False
        self.cleanup, self.with_request = contextlib.ExitStack(), []
        server.files.got, server.files.rules = [], case.doc.get("files", FILE_SERVER)
        self.conduct = Conduct(case, server)

    @functools.cached_property
    def hook(self):
        hook = Receiver(self.case.doc.get("hook", []), self.case.doc.get("hook_closed_for", 0))
        self.cleanup.callback(hook.close)
        return hook

    def rewrite(self, value, key=None):
        """Recorded receiver addresses and placeholders -> the addresses of this run's receivers."""
        if isinstance(value, dict):
            return {k: self.rewrite(v, k) for k, v in value.items()}
        if isinstance(value, list):
            return [self.rewrite(v) for v in value]
        if not isinstance(value, str):
            return value
        if key == "webhook" and (value in ("W", "...") or value.startswith("<")):
            return f"http://{self.hook.address}/"
        if value == "<URL answering after 6 s>":
            return f"http://{self.server.files.address}/delay-6"
        return LOOPBACK.sub(lambda m: (self.hook if key == "webhook" else self.server.files).address, value)

    def request(self, case):
        body, seconds = case.request.get("body"), (case.response or {}).get("seconds", 0)
        if "text_length" in case.doc:  # of a body too large to be recorded
            body = {"input": {"text": "x" * case.doc["text_length"]}}
        if isinstance(body, str) and body.startswith("b'"):
            body = ast.literal_eval(body)
        elif body is not None and not isinstance(body, str):
            body = json.dumps(self.rewrite(body))
        timeout = seconds - 0.1 if case.hung_up else seconds + 90
        while self.with_request:  # their time begins here, however long the machine took to come to this
            self.later(*self.with_request.pop())
        return send(self.server.port, case.request["method"], case.request["path"], case.request.get("headers"), body,
                    timeout, **case.doc.get("client", {}))

    def later(self, seconds, call, *args):
        timer = threading.Timer(float(seconds or 0), call, args)
        timer.daemon = True
        timer.start()
        self.cleanup.callback(timer.cancel)

    def play(self, case):
        for op, args in case.steps:
            if op == "wait":
                time.sleep(float(args[0] or args[1]))
            elif op == "SIGTERM":
                self.expect_exit = "--await-explicit-shutdown" not in self.case.args
                terminate = (args[0], self.server.process.send_signal, signal.SIGTERM)
                self.with_request.append(terminate) if args[0] else self.later(*terminate)
            elif op == "kill worker":
                workers = [int(pid) for tasks in glob.glob(f"/proc/{self.server.process.pid}/task/*/children")
                           for pid in open(tasks).read().split()]  # children of a process we started
                if not workers:
                    raise Skip("the server under test has no separate worker process to kill")
                for pid in workers:
                    os.kill(pid, signal.SIGKILL)
                time.sleep(0.7)
            elif op == "mode":  # what the model's healthcheck() is to do: a file in the server's folder
                path = os.readlink(f"/proc/{self.server.process.pid}/cwd") + "/health_mode"
                with open(path, "w") as f:
                    f.write(args[0])
                self.cleanup.callback(lambda: os.path.exists(path) and os.remove(path))
            elif op == "later":
                self.expect_exit |= args[1] == "/shutdown"
                self.later(args[2], self.conduct.asks, send, self.server.port, args[0], args[1])
            elif op != "note":
                getattr(self, "play_" + op)(*args)

    def play_request(self, method, path, head, body, tail):
        words, headers = head + tail, {"Content-Type": "application/json"} if body else {}
        if "event-stream" in words:
            headers["Accept"] = "text/event-stream"
        if body:  # "..." stands for a webhook on completion
            full = ',"webhook":"W","webhook_events_filter":["completed"]'
            body = body.replace(',"webhook":W,...', ",...").replace(",...", full).replace(":W", ':"W"')
            body = json.dumps(self.rewrite(json.loads(body)))
        if "respond-async" in words:
            answer = send(self.server.port, method, path, {**headers, "Prefer": "respond-async"}, body)
            if answer.status != 202:
                raise Failed(f"precondition {method} {path}: {answer.status or answer.failure}, expected 202")
        else:
            hang_up = re.search(r"hangs up after ([\d.]+) s", words)
            self.later(0, self.conduct.asks, send, self.server.port, method, path, headers, body,
                       float(hang_up[1]) if hang_up else 40)
        if wait := re.search(r"([\d.]+) s earlier", words):
            time.sleep(float(wait[1]))
        if joins := re.search(r"(\d+) SSE PUT joins", words):
            for i in range(int(joins[1])):
                time.sleep(0.05 if i % 64 == 0 else 0)
                held = self.cleanup.enter_context(socket.create_connection(("127.0.0.1", self.server.port), timeout=10))
                held.sendall(f"PUT {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAccept: "
                             'text/event-stream\r\nContent-Length: 12\r\n\r\n{"input":{}}'.encode())
            time.sleep(1)

    def play_case(self, name, after, words):
        """Another case comes first: its steps and its request."""
        other = self.known[name]
        self.play(other)
        if "still" in words or "in flight" in words:
            self.later(0, self.conduct.asks, self.request, other)
            time.sleep(float(after or 0.6))
            return
        answer = self.request(other)
        if answer.status != other.response["status"]:
            raise Failed(f"precondition {name}: {answer.status or answer.failure}, recorded {other.response['status']}")
        if "has completed" in words:
            self.await_webhooks(1, 5)
        time.sleep(float(after or 0.3))

    def webhooks(self):
        found = [dict(req) for req in self.hook.got] if "hook" in self.__dict__ else []
        for req in found:
            with contextlib.suppress(ValueError):
                req["body"] = json.loads(req["body"])
        return found

    def await_webhooks(self, final, timeout):
        end = time.monotonic() + timeout
        while time.monotonic() < end and sum(map(is_final, self.webhooks())) < final:
            time.sleep(0.02)

    def collect(self):
        """Waits for what the recorded server did after its response."""
        if self.case.observed.get("delivered"):
            self.await_webhooks(1, 10)
        if (expected := self.case.doc.get("webhooks")) is not None:
            times, final = [w["t_ms"] / 1000 for w in expected] or [0], sum(map(is_final, expected))
            self.await_webhooks(final, max(times) + 6)
            time.sleep(max(times) - min(times) + 1.5 if not final else 1.5 if "hook" in self.case.doc else 0.4)

    def run(self):
        """Carries the case out; the differences found."""
        with self.cleanup:
            self.play(self.case)
            self.expect_exit |= (self.case.request["method"], self.case.request["path"]) == ("POST", "/shutdown")
            answer, answered = self.request(self.case), time.monotonic()
            found = list(compare_response(self.case, answer))
            if not found:
                self.collect()
                found = list(compare_traffic(self.case, self, answer))
                found += self.conduct.differences(answer, answered, self.webhooks())
            if self.expect_exit:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self.server.process.wait(20)
                if (code := self.server.process.poll()) != 0:
                    found.append(f"exit status {code} after the shutdown, expected 0")
            return found
