"""Cases: what a server is asked, and what it must answer."""
import glob, json, re

class Skip(Exception): """The case cannot be executed automatically."""

STEP_FORMS = [(re.compile(form), op) for form, op in (
    (r"wait ([\d.]+) s|this joiner connects ([\d.]+) s after creation", "wait"),
    (r"afterwards the process exits .*", "note"),
    (r"worker process SIGKILLed while idle", "kill worker"),
    (r"SIGTERM(?: ([\d.]+) s after this request started)?", "SIGTERM"),
    (r"mode (\w+)", "mode"),
    (r"(GET|POST) (/\S+) sent ([\d.]+) s after (?:the start|this request started)", "later"),
    (r"(GET|POST|PUT) (/\S*)([^{]*)(\{.*\})?(.*)", "request"),
    (r"([a-z]\w+)(?: ([\d.]+) s earlier)?(,? ?(?:still running|still streaming|is in flight \([\d.]+ s\)|in flight|"
     r"has completed|then this second cancel|))", "case"))]
REQUEST_WORDS = re.compile(
    r"with Prefer: respond-async|with Accept: text/event-stream|respond-async|sync|body|sent|[\d.]+ s earlier|"
    r"that client hangs up after [\d.]+ s|then \d+ SSE PUT joins held open|upload endpoint takes 5 s|[ ,;]")

def parse_step(line, known):
    """A line of a precondition -> (operation, its arguments)."""
    for form, op in STEP_FORMS:
        if match := form.fullmatch(line):
            args = match.groups()
            if op == "case" and args[0] not in known:
                raise Skip(f"precondition is a case that is not here, or not understood: {line!r}")
            if op != "request" or not REQUEST_WORDS.sub("", args[2] + args[4]):
                return op, args
    raise Skip(f"precondition not understood: {line!r}")

class Case:
    def __init__(self, doc):
        # What a better server than the recorded one answers, where that is known, is what is wanted.
        self.doc = doc = {**doc, **doc.get("ours", {})}
        self.name, self.model, self.request = doc["name"], doc["model"], doc["request"]
        self.env, self.args = doc.get("env", {}), doc.get("args", [])
        self.key = self.model, json.dumps(self.env, sort_keys=True), tuple(self.args)
        self.response, self.observed = doc.get("response"), doc.get("observed", {})
        self.hung_up = (self.response or {}).get("hangs_up", False)  # the client left before the end
        self.steps, self.isolated, self.wanted = [], False, "READY"

    def volatile(self, prefix):
        """The volatile pointers below a prefix (a regular expression), without it."""
        return {m[1] for m in (re.fullmatch(prefix + "(/.*)", p) for p in self.doc.get("volatile", [])) if m}

def load(folder):
    """All cases, by name."""
    known, wanted = {}, {}
    for path in sorted(glob.glob(glob.escape(str(folder)) + "/*.json")):
        with open(path, encoding="utf-8") as f:
            known.update((doc["name"], Case(doc)) for doc in json.load(f))
    for case in known.values():
        case.steps = [parse_step(line, known) for line in case.doc.get("steps", [])]
        for history in [case] * bool(case.steps) + [known[args[0]] for op, args in case.steps if op == "case"]:
            history.isolated = True
        body = (case.response or {}).get("body")
        if case.request["path"] == "/health-check" and isinstance(body, dict) and body.get("status") in ("STARTING", "SETUP_FAILED"):
            wanted[case.key] = body["status"]
    for case in known.values():
        case.wanted = wanted.get(case.key, "READY")
    return known
