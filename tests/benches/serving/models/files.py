import os
import tempfile
from typing import Optional

from cog import BaseRunner, Input, Path


class Runner(BaseRunner):
    def run(self, file: Optional[Path] = Input(default=None), size: int = 0) -> Path:
        if file is not None:
            size = len(open(file, "rb").read()) % 2
        handle, name = tempfile.mkstemp(suffix=".bin")
        with os.fdopen(handle, "wb") as out:
            out.write(b"x" * size)
        return Path(name)
