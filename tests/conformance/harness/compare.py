"""What differs between an answer and the one that is wanted."""
import contextlib, json, re

GENERATED = [(re.compile(a), b) for a, b in (
    (r"pred_[0-9a-f]{14,}", "<id>"), (r"(?i)127\.0\.0\.1:\d+", "<host>"), (r"\bport=\d+", "port=<port>"),
    (r"tmp[a-z0-9_]{8}", "<tmp>"), (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<uuid>"),
    (r"0x[0-9a-f]{6,}", "<address>"), (r"20\d\d-\d\d-\d\dT[0-9:.]+(\+00:00|Z)", "<time>"))]

def plain(text):
    for pattern, name in GENERATED:
        text = pattern.sub(name, text)
    return text

def brief(value):
    text = json.dumps(value, ensure_ascii=False)
    return text[:160] + "..." * (len(text) > 160)

def kind(value):
    return "number" if type(value) in (int, float) else type(value).__name__

class Matcher:
    """The differences between a recorded and an actual JSON value."""

    def __init__(self, volatile=()):
        self.volatile = volatile

    def diff(self, exp, act, path="", loose=True):
        key, differs = path.rpartition("/")[2], f"{path}: {brief(act)}, expected {brief(exp)}"
        if kind(exp) != kind(act):
            yield differs
        elif path in self.volatile or key == "predict_time":  # its type matters
            return
        elif isinstance(exp, dict):
            for name in sorted(exp.keys() ^ act.keys()):
                if not (loose and self.tolerated(path, name, exp, act)):
                    yield f"{path}/{name}: " + (f"missing, expected {brief(exp[name])}" if name in exp else
                                                f"not expected: {brief(act[name])}")
            for name in sorted(exp.keys() & act.keys()):
                value = name in ("output", "chunk", "input") and not path.startswith("/components")
                yield from self.diff(exp[name], act[name], f"{path}/{name}", loose and not value)
        elif isinstance(exp, list):
            if cut := re.fullmatch(r"\.\.\.<(\d+) items>", str(exp[-1]) if exp else ""):  # a long list, abridged
                exp, act = exp[:-1] + [int(cut[1])], act[:len(exp) - 1] + [len(act)]
            if key == "required":
                exp, act = sorted(exp), sorted(act)
            if len(exp) != len(act):
                yield differs
            for i, pair in enumerate(zip(exp, act) if len(exp) == len(act) else ()):
                yield from self.diff(*pair, f"{path}/{i}", loose)
        elif isinstance(exp, str):
            if not self.same_text(exp, act, path, key):
                yield differs
        elif exp != act:
            yield differs

    def same_text(self, exp, act, path, key):
        if cut := re.fullmatch(r"(?s)(.*)\.\.\.<(\d+) chars>", exp):  # a long text, abridged
            return act.startswith(cut[1]) and len(act) == int(cut[2])
        if plain(exp) == plain(act):
            return True
        if key in ("error", "user_healthcheck_error", "msg") or path == "/info/version" or re.fullmatch(r"pred_[0-9a-f]{14,}", exp) or \
                path == "/setup/logs" and exp.startswith("worker setup"):
            return bool(act)
        printed = {x for x in plain(exp).splitlines() if x.strip() and not x.startswith("[")}
        return key == "logs" and printed <= set(plain(act).splitlines())

    @staticmethod
    def tolerated(path, name, exp, act):
        """May this key be missing or additional? Not where that changes what the answer says."""
        if name in exp:
            return path == "/version" or path == "/setup" and name == "logs" and exp.get("status") != "failed"
        if name in ("error", "output"):
            return act[name] is None or name == "output" and exp.get("status") not in ("starting", "succeeded")
        fields = re.fullmatch(r"/components/schemas/\w*(Input|Output)/properties", path)
        return not fields and not (name == "x-cog-streaming" and act[name])

def compare_response(case, answer):
    exp, got = case.response, answer.status or answer.failure
    if exp is None:  # only an observation was recorded
        if answer.status not in (200, 202):
            yield f"answered {got}, expected 200 or 202"
        elif last := case.observed.get("last_event_raw"):
            pair = [(parse_sse(text) or [None])[-1] for text in (last.partition("\r\n")[0], answer.text)]
            yield from Matcher({"/data/skipped"}).diff(*pair)
        return
    wanted = exp["status"] or ("timeout" if case.hung_up else "refused")
    if got != wanted:
        yield f"status {got}, expected {wanted}; body {brief(answer.text)}"
    if got != wanted or exp["status"] is None:
        return
    if answer.failure and not (case.hung_up and answer.failure == "timeout"):
        yield f"response cut short: {answer.failure}"
    theirs, ours = exp.get("headers", {}), answer.headers
    for name in sorted({"content-type"} | {"allow"} & theirs.keys()):
        e, a = theirs.get(name), ours.get(name)
        more = name == "allow" and set(e.split(",")) <= set((a or "").split(","))
        if e != a and not more:
            yield f"header {name}: {a!r}, expected {e!r}"
    content = theirs.get("content-type", "")
    if content.startswith("text/event-stream"):
        matcher = Matcher(case.volatile(r"/response/body/\d+/data") | {"/skipped"})  # that counts log events, too
        yield from compare_sse(exp["body"], parse_sse(answer.text), case.hung_up, matcher)
    elif exp["body"] is not None and content.startswith("application/json"):
        yield from Matcher(case.volatile("/response/body")).diff(exp["body"], json.loads(answer.text))
    elif bool(exp["body"]) != bool(answer.text):
        yield f"body {brief(answer.text)}, expected {brief(exp['body'])}"

def parse_sse(text):
    events = []
    for block in filter(str.strip, text.split("\n\n")):
        event = {"event": None, "data": None}
        for line in block.split("\n"):
            name, _, value = line.partition(":")
            if name in event:
                event[name] = value.lstrip(" ")
            else:
                event.setdefault("other" if name else "comments", []).append(value)
        with contextlib.suppress(ValueError, TypeError):
            event["data"] = json.loads(event["data"])
        events.append(event)
    return events

def compare_sse(exp, act, hung_up, matcher):
    """Events but logs and metrics in their order, then the logs of each source as one text."""
    names = {"start", "output", "completed", "error", "..."}
    want, got = [[e for e in events if e["event"] in names] for events in (exp, act)]
    canceled = want and (want[-1]["data"] or {}).get("status") == "canceled"
    if canceled:  # how many came by then varies
        pieces = min(sum(e["event"] == "output" for e in events) for events in (want, got))
        want, got = [abridged(events, pieces) for events in (want, got)]
    cut = next((i for i, e in enumerate(want) if e["event"] == "..."), None)
    if hung_up:  # how many came by then varies
        want = want[:cut]
        want, got = want[:max(len(got), len(want) // 2)], got[:len(want)]
    elif cut is not None:  # a long stream, abridged
        got = got[:cut] + [want[cut]] + got[max(cut, len(got) - (len(want) - cut - 1)):]
    if [e["event"] for e in want] != [e["event"] for e in got]:
        yield f"events {[e['event'] for e in got][:20]}, expected {[e['event'] for e in want][:20]}"
        return
    for i, (e, a) in enumerate(zip(want, got)):
        for problem in matcher.diff(e["data"], a["data"]):
            yield f"event {i} ({e['event']}) {problem}"
    if any(e.get("comments") for e in exp) and not any(e.get("comments") for e in act):
        yield "no keep-alive comment"
    if hung_up or canceled or cut is not None:
        return
    metrics = iter(e["data"] for e in act if e["event"] == "metric")
    for e in exp:
        if e["event"] == "metric" and all(list(matcher.diff(e["data"], data)) for data in metrics):
            yield f"metric event {brief(e['data'])} missing"
            break
    for source in ("stdout", "stderr"):
        logs = [{"logs": "".join(e["data"]["data"] for e in events if e["event"] == "log" and
                                 e["data"].get("source") == source)} for events in (exp, act)]
        yield from matcher.diff(*logs, "/" + source)

def abridged(events, pieces):
    """The same with so many pieces of output only."""
    outputs = [e for e in events if e["event"] == "output"][:pieces]
    events = [e for e in events if e["event"] != "output" or e in outputs]
    for e in events[-1:]:
        if isinstance((e["data"] or {}).get("output"), list):
            e["data"] = {**e["data"], "output": e["data"]["output"][:pieces]}
    return events

def is_final(delivery):
    """A webhook with a terminal status, or a redirected one without a body."""
    return not isinstance(delivery["body"], dict) or delivery["body"].get("status") not in ("starting", "processing")

def compare_traffic(case, session, answer):
    doc, files = case.doc, session.server.files.got
    if "webhooks" in doc:
        yield from compare_webhooks(case, session.webhooks(), answer)
    if case.observed.get("delivered") and not any(map(is_final, session.webhooks())):
        yield "no terminal webhook was delivered"
    for field, names in (("uploads", ("content-type",)), ("downloads", ("user-agent",))):
        if field in doc:
            want, got = [sorted((x["method"], x["path"], *map(x["headers"].get, names), x["body"]) for x in xs)
                         for xs in (doc[field], files)]
            if set(want) != set(got):
                yield f"{field} {brief(got)}, expected {brief(want)}"

def compare_webhooks(case, got, answer):
    want = case.doc["webhooks"]
    final_want, final_got = [[x for x in xs if is_final(x)] for xs in (want, got)]
    routes = [sorted((x["method"], x["path"]) for x in xs) for xs in (final_want, final_got)]
    if routes[0] != routes[1]:
        yield f"final webhooks {brief(routes[1])}, expected {brief(routes[0])}"
        return
    if final_got and is_final(want[-1]) and got[-1]["time"] > final_got[-1]["time"] + 0.05:
        yield "a webhook arrived after the terminal one"
    results = [x["body"].get("output") for x in final_want + final_got if isinstance(x["body"], dict)]

    def essence(delivery):
        body = delivery["body"]
        if not isinstance(body, dict):
            return str(body)
        output = body.get("output")
        if isinstance(output, list) and output and output[0] in results:
            output = output[0]  # while it runs, a single value may be shown bare or as a one-element list
        return plain(json.dumps([body.get("status"), output, bool(body.get("error"))], sort_keys=True))

    for note, xs, ys in (("missing", want, got), ("not expected", got, want)):
        for x in sorted({essence(x) for x in xs} - {essence(y) for y in ys}):
            yield f"webhook {note}: [status, output, error?] = {x[:200]}"
    numbers = [int(x["headers"]["cog-webhook-sequence"]) for x in got if "cog-webhook-sequence" in x["headers"]]
    if numbers != sorted(numbers):
        yield f"webhooks out of order: {numbers}"
    matcher = Matcher(case.volatile(r"/webhooks/\d+/body"))
    for e, a in zip(sorted(final_want, key=essence), sorted(final_got, key=essence)):
        for problem in matcher.diff(e["body"], a["body"]):
            yield f"final webhook {problem}"
    running, usual = len(got) - len(final_got), len(want) - len(final_want)  # throttled ones depend on timing
    if running > 1.4 * usual + 2:
        yield f"{running} webhooks before the terminal one, recorded {usual}"
    for a in got:
        model = next((w for w in want if (w["method"], w["path"]) == (a["method"], a["path"])), want[0] if want else a)
        for name in ("content-type", "authorization", "traceparent", "tracestate"):
            if a["headers"].get(name) != model["headers"].get(name):
                yield f"webhook header {name}: {a['headers'].get(name)!r}, expected {model['headers'].get(name)!r}"
    made = re.search(r'"id"\s*:\s*"(pred_\w+)"', answer.text)
    ids = {x["body"].get("id") for x in got if isinstance(x["body"], dict)}
    if made and ids and ids != {made[1]}:
        yield f"webhooks carry the ids {ids}, the response {made[1]}"
