"""Load on a model server: requests of several clients at once, their errors, and the server's memory.

    python kserve_server.py --model=DIR/1 &
    python load.py http://127.0.0.1:8501/v1/models/tagger:predict dog.wav rain.wav --pid=$!
    python load.py http://127.0.0.1:8000/v2/models/tagger/infer dog.wav rain.wav --pid=PID     # Triton

A request that fails, and an answer that differs from the first one for the same sound, is an error: exit status 1.
"""

import argparse
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from clients import tag

TOLERANCE = 1e-4  # of a score; batches of other sizes round differently
REPORTS = 10


def resident_megabytes(pid: int) -> float:
    """Memory of a process and those that it started (Linux)."""
    status = Path(f"/proc/{pid}/status").read_text()
    own = int(status.split("VmRSS:")[1].split()[0]) / 1024 if "VmRSS:" in status else 0.0
    children = (file.read_text().split() for file in Path(f"/proc/{pid}/task").glob("*/children"))
    return own + sum(resident_megabytes(int(child)) for of_thread in children for child in of_thread)


def failure(url: str, clip: bytes, expected: list[float]) -> str:
    """What is wrong with the answer to one request; empty if nothing is."""
    try:
        scores, error = tag(url, clip)
    except (OSError, RuntimeError) as raised:
        return str(raised)
    differs = max(abs(score - wanted) for score, wanted in zip(scores, expected, strict=True)) > TOLERANCE
    return error or ("other scores than before" if differs else "")


def main() -> None:
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    flags.add_argument("url")
    flags.add_argument("clips", nargs="+", type=Path, help="WAV files, sent in turn")
    flags.add_argument("--pid", type=int, required=True, help="process of the server")
    flags.add_argument("--requests", type=int, default=10_000)
    flags.add_argument("--clients", type=int, default=8)
    args = flags.parse_args()
    clips = [file.read_bytes() for file in args.clips]
    expected = [tag(args.url, clip)[0] for clip in clips]
    sent = [(clips[number % len(clips)], expected[number % len(clips)]) for number in range(args.requests)]
    failures, begin = [], time.perf_counter()
    print(f"requests  per second  errors  server's MB\n{0:8}  {'':10}  {0:6}  {resident_megabytes(args.pid):11.1f}")
    with ThreadPoolExecutor(args.clients) as pool:
        for done, text in enumerate(pool.map(lambda pair: failure(args.url, *pair), sent), 1):
            failures += [text] if text else []
            if done % max(1, args.requests // REPORTS) == 0:
                rate, memory = done / (time.perf_counter() - begin), resident_megabytes(args.pid)
                print(f"{done:8}  {rate:10.1f}  {len(failures):6}  {memory:11.1f}", flush=True)
    sys.exit("\n".join(sorted(set(failures))) or 0)


if __name__ == "__main__":
    main()
