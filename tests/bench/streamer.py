"""Writes chunks of a streamed message into a server's input at a steady rate.

A process of its own, so that its work is not the client's: frames up to ``PIPE_BUF`` go into a pipe
whole, beside those of others. It prints a line when it begins; it ends when its own input does, and
prints how many it wrote in how many seconds.
"""

from __future__ import annotations

import os
import select
import sys
import time

import orjson

STEP_SECONDS = 0.001
CHUNK = "thirty characters of an answer"


def main(fd: int, session: str, a_second: int) -> None:
    params = {"sessionId": session, "chunk": CHUNK}
    body = orjson.dumps(
        {"jsonrpc": "2.0", "method": "jido/state/updateStreaming", "params": params}
    )
    frame = b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    at_once = select.PIPE_BUF // len(frame)
    begin, written = time.monotonic(), 0
    print("streaming", flush=True)
    while not select.select([sys.stdin], [], [], STEP_SECONDS)[0]:
        due = int((time.monotonic() - begin) * a_second) - written
        while due > 0:
            count = min(due, at_once)
            os.write(fd, frame * count)
            due -= count
            written += count
    print(written, time.monotonic() - begin)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
