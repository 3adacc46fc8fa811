"""One act in a process of its own, for its peak memory: `python -m bench.alone imports.ours`.

Database and files are its parent's; the file that it reads was built by that.
"""

import importlib
import json
import os
import re
import resource
import subprocess
import sys
from pathlib import Path

from bench import ground


def peak_of(act: str, **environment: str) -> int:
    """Most memory in MB that an act took in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.alone", act],
        env={**os.environ, **ground.shared(), **environment},
        cwd=Path(__file__).parent.parent,
        stdout=subprocess.PIPE,
        check=True,
    )
    return int(json.loads(done.stdout.splitlines()[-1])["peak"])


def main() -> int:
    """Run it and tell the peak."""
    module, name = sys.argv[1].split(".")
    getattr(importlib.import_module(f"bench.{module}"), name)()
    peak = _peak() // 1024
    sys.stdout.write(json.dumps({"peak": peak}) + "\n")
    return 0


def _peak() -> int:
    """Most memory in KB. Linux hands ru_maxrss down from the parent, but not this one."""
    status = Path("/proc/self/status")
    if status.exists():
        found = re.search(r"VmHWM:\s+([0-9]+) kB", status.read_text())
        if found:
            return int(found[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    sys.exit(main())
