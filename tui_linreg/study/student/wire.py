"""What the app and a learner's process say to each other over a socket, in frames of known length.

A request is `REQUEST`, then for `LOAD` the file's bytes, for `UPDATE` the data of x, y and ŷ one after the other. A
reply is `REPLY`, then for `DONE` the numbers of `NUMBERS` and the data of ∂L/∂ŷ (for `LOAD` nothing), for `FAILED` a
JSON object with the keys kind, line and text.
"""

from __future__ import annotations

import struct

MAGIC = b"\x00TL1"
REQUEST = struct.Struct("<4sBBBBBBHIIQdddd")
"""Magic, kind, 1 for float32, three places in a cache line in bytes, 1 to forget all files, torch's threads, number of
the file, number of the request, count of samples (or of bytes), seconds allowed, lr, b, w."""
REPLY = struct.Struct("<4sBxxxIQ")
"""Magic, kind, number of the request, bytes that follow."""
NUMBERS = struct.Struct("<dddd")
"""∂L/∂b, ∂L/∂w, b and w after the update."""
LOAD, UPDATE = 1, 2
READY, DONE, FAILED = 1, 2, 3
FILENAME = "<student>"
"""The name that the learner's file has in tracebacks: plain ASCII, whatever its path."""
LOST = 86
"""The exit status when the answer could not be sent: the learner's code has closed the channel."""
