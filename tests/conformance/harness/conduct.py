"""What `ours` promises beside an answer: how a better server behaves, where two servers answer alike.

`mentions`: what the answer's `error` names. `overtakes`: the answer, or the last webhook if there are any, is there
while a request or a download that the case began before is still waited for. `one_by_one`: a webhook is sent when the
one before was answered, and tells more. `leaves`: what is in the server's folders afterwards that was not there before
(patterns); the same for a folder that the request's id names.
"""
import fnmatch, json, math, os, time
from pathlib import Path

class Conduct:
    """Watches one server while it answers one case."""

    def __init__(self, case, server):
        body = case.request.get("body")
        named = body.get("id") if isinstance(body, dict) else None
        self.id = Path(named if isinstance(named, str) else "")
        self.promised, self.server = case.doc.get("ours", {}), server
        self.asked = []  # when each request of the steps was answered, once it was
        self.before = self.files() if "leaves" in self.promised else set()

    def asks(self, call, *args):
        """Does this for a step, and notes when it is over."""
        ended = [math.inf]
        self.asked.append(ended)
        call(*args)
        ended[0] = time.monotonic()

    def files(self):
        """All that is in the server's folders, and the folder of an absolute id."""
        found = {str(path.relative_to(self.server.folder)) for path in Path(self.server.folder).rglob("*")}
        return found | {str(path) for path in (self.id, *self.id.parents) if self.id.is_absolute() and path.exists()}

    def differences(self, answer, answered, webhooks):
        """What was promised and not kept; `answered` is when the answer was there."""
        if missing := [text for text in self.promised.get("mentions", []) if text not in error_of(answer)]:
            yield f"the error does not name {missing}: {answer.text[:160]}"
        if self.promised.get("overtakes"):
            at = webhooks[-1]["time"] if webhooks else answered
            begun = [ended[0] for ended in self.asked] + [request["answered"] for request in self.server.files.got]
            if not any(ended > at for ended in begun):
                yield "it waited for what was begun before"
        if self.promised.get("one_by_one"):
            for one, next_one in zip(webhooks, webhooks[1:]):
                if next_one["time"] < one["answered"]:
                    yield f"webhook sent before the one before was answered: {next_one['body']}"
                was, now = (hook["body"].get("output") or [] for hook in (one, next_one))
                if now[:len(was)] != was:
                    yield f"webhook tells less than the one before: {now}, then {was}"
        if "leaves" in self.promised:
            end = time.monotonic() + 5
            while (left := self.unexpected()) and time.monotonic() < end:
                time.sleep(0.02)
            yield from (f"left behind: {path}" for path in left)

    def unexpected(self):
        return sorted(path for path in self.files() - self.before
                      if not any(fnmatch.fnmatch(path, wanted) for wanted in self.promised["leaves"]))

def error_of(answer):
    try:
        return json.loads(answer.text).get("error") or ""
    except (ValueError, AttributeError):
        return ""
