"""The client, as simple as they come."""
import contextlib, http.client, socket, time
from types import SimpleNamespace

def send(port, method, path, headers=None, body=None, timeout=40.0, extra=(), rate=None, stall=0):
    """One request on a connection of its own, read to its end or until the timeout (which then hangs up)."""
    answer, end = SimpleNamespace(status=None, headers={}, text="", failure=None), time.monotonic() + timeout
    headers, data = {"Accept": "*/*", **(headers or {})}, body.encode() if isinstance(body, str) else body
    chunked = "Transfer-Encoding" in headers
    if data is not None and not chunked:
        headers["Content-Length"] = str(len(data))
    conn, sock, response, parts = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout), None, None, []
    try:
        conn.connect()
        sock = conn.sock
        conn.putrequest(method, path, skip_accept_encoding=True)
        for name, value in [*headers.items(), *extra]:
            if value is not None:
                conn.putheader(name, value)
        whole = data is None or not chunked and len(data) < 2**20
        conn.endheaders(data if whole else None)  # a small body goes out together with the head
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # an early answer is read all the same
            for piece in () if whole else (data[i:i + 2**20] for i in range(0, len(data), 2**20)):
                conn.send(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
            conn.send(b"0\r\n\r\n" if chunked else b"")
        time.sleep(stall)
        response = conn.getresponse()
        answer.status, answer.headers = response.status, {k.lower(): v for k, v in response.getheaders()}
        part = b" "
        while part:
            sock.settimeout(max(0.001, end - time.monotonic()))
            part = response.read1(65536)
            parts.append(part)
            time.sleep(len(part) / rate if rate else 0)
    except (OSError, http.client.HTTPException) as e:
        answer.failure = {ConnectionRefusedError: "refused", TimeoutError: "timeout"}.get(type(e), repr(e))
    with contextlib.suppress(OSError, AttributeError):
        sock.shutdown(socket.SHUT_RDWR)
        response.close()
    conn.close()
    answer.text = b"".join(parts).decode("utf-8", "replace")
    return answer
