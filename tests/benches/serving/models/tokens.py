import time

from cog import BaseRunner, ConcatenateIterator, streaming


class Runner(BaseRunner):
    @streaming
    def run(self, n: int = 1000, pause: float = 0.0) -> ConcatenateIterator[str]:
        time.sleep(pause)
        for i in range(n):
            yield f"tok{i} "
