"""Those whom a server talks to: receivers of webhooks and uploads, and where inputs come from."""
import http.server, math, re, socketserver, threading, time

FILE_SERVER = [{"path": "/ok", "body": "remote body"}, {"path": "/redir", "status": 302, "location": "/ok/after.txt"},
               {"path": "/404", "status": 404}, {"path": "/500", "status": 500}, {"path": "/slow", "delay": 12},
               {"path": "/delay-6", "delay": 6}, {"path": "/$", "body": "root"}]

class Receiver(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """Keeps webhooks, uploads and input downloads. The first rule that fits the path (a regular expression) and the
    number of the request says how it is answered: status (200), delay, location, body."""
    daemon_threads, block_on_close, request_queue_size = True, False, 128
    handle_error = lambda *args: None  # a sender that hung up

    def __init__(self, rules, closed_for=0):
        super().__init__(("127.0.0.1", 0), Handler, bind_and_activate=False)
        self.got, self.rules = [], rules
        self.server_bind()  # from here on connections are refused, until it listens
        self.address = f"127.0.0.1:{self.server_address[1]}"
        threading.Timer(closed_for, self.open).start() if closed_for else self.open()

    def open(self):
        self.server_activate()
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        self.shutdown()
        self.server_close()

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version, log_message = "HTTP/1.1", lambda *args: None

    def answer(self):
        body, n = self.rfile.read(int(self.headers.get("content-length") or 0)), len(self.server.got)
        request = {
            "method": self.command, "path": self.path, "headers": {k.lower(): v for k, v in self.headers.items()},
            "time": time.monotonic(), "answered": math.inf, "body": body.decode("utf-8", "replace")}
        self.server.got.append(request)
        rule = next((r for r in self.server.rules if re.match(r.get("path", ""), self.path) and r.get("n", n) == n), {})
        time.sleep(rule.get("delay", 0))
        request["answered"] = time.monotonic()
        self.send_response(rule.get("status", 200))
        if "location" in rule:
            self.send_header("Location", rule["location"].replace("{path}", self.path))
        self.send_header("Content-Length", str(len(rule.get("body", ""))))
        self.end_headers()
        self.wfile.write(rule.get("body", "").encode())

    do_GET = do_POST = do_PUT = answer
