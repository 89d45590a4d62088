"""A learner's files that loop, crash, print without end or lie, and what is said of each."""

from __future__ import annotations

import textwrap
from typing import NamedTuple


class Told(NamedTuple):
    """What is said of a file."""

    kind: str
    words: str
    line: int | None
    text: str


def body(code: str) -> str:
    """A file with this code in `update`, from line 3 on."""
    return "import torch, os, sys\ndef update(x, y_true, y_pred, lr):\n" + textwrap.indent(code, "    ") + "\n"


def giving(values: str) -> str:
    return body(f"d = y_pred - y_true\nreturn {values}")


TOLD = {
    "raises": Told("raised", "ZeroDivisionError: division by zero", 3, body("1 / 0")),
    "control characters": Told("raised", r"ValueError: \x1b[2J\x07", 3, body("raise ValueError('\\33[2J\\7')")),
    "raises what cannot be written": Told(
        "raised", "Odd", 5, "class Odd(Exception):\n    def __str__(self): raise self\n\n"
        "def update(x, y_true, y_pred, lr):\n    raise Odd\n",
    ),
    "raises a long text": Told("raised", "ValueError: aaaa", 3, body("raise ValueError('a' * 10**6)")),
    "raises in torch": Told("raised", "size of tensor a", 3, body("return x + torch.zeros(1000)")),
    "recursion": Told("raised", "RecursionError", 1, "def update(a, b, c, d): return update(a, b, c, d)\n"),
    "asks to exit": Told("raised", "the code asked to exit", 3, body("sys.exit(0)")),
    "interrupts": Told("raised", "KeyboardInterrupt", 3, body("raise KeyboardInterrupt")),
    "reads the keyboard": Told("raised", "EOFError", 3, body("input('?')")),
    "closes what it prints to": Told("answer", "returned nothing", 2, body("sys.stdout.close(); os.close(1)")),
    "100 GB in Python": Told("memory", "out of memory; the code may take 4 GiB", 3, body("bytearray(100 << 30)")),
    "100 GB in torch": Told("memory", "out of memory; the code may take 4 GiB", 3, body("torch.ones(100 << 27)")),
    "syntax": Told("syntax", "SyntaxError", 2, "import torch\ndef update(x y): pass\n"),
    "indentation": Told("syntax", "IndentationError", 2, "def update(x):\npass\n"),
    "a NUL": Told("raised", "null bytes", None, "\0"),
    "nonsense imported": Told("raised", "No module named 'no_such_module'", 2, "\nimport no_such_module\n"),
    "empty": Told("answer", "there is no function update(x, y_true, y_pred, lr)", None, ""),
    "no function": Told("answer", "update is not a function", None, "update = 3\n"),
    "other arguments": Told("answer", "it takes (x, y)", 1, "def update(x, y): pass\n"),
    "nothing": Told("answer", "update returned nothing", 2, body("pass")),
    "one value": Told("answer", "returned one Tensor; needed are 5", 2, body("return x")),
    "three values": Told("answer", "returned 3 values; needed are 5", 2, giving("d, d.sum(), d.sum()")),
    "shape (m, m)": Told("answer", "∂L/∂ŷ has shape (5, 5); it must be sh", 2, giving("d[:, None] - d, 0, 0, 0, 0")),
    "shape (m, 1)": Told("answer", "∂L/∂ŷ has shape (5, 1)", 2, giving("d[:, None], 0, 0, 0, 0")),
    "a vector for a number": Told("answer", "∂L/∂w has shape (5,); it must be a", 2, giving("d, 0, d * x, 0, 0")),
    "float32": Told("answer", "∂L/∂ŷ holds float32, this run's", 2, giving("d.float(), 0, 0, 0, 0")),
    "complex": Told("answer", "∂L/∂b holds complex128", 2, giving("d, d.sum() + 0j, 0, 0, 0")),
    "text": Told("answer", "∂L/∂b is a str; a tensor is needed", 2, giving("d, 'x', 0, 0, 0")),
    "None": Told("answer", "step of w is a NoneType", 2, giving("d, 0, 0, 0, None")),
    "sparse": Told("answer", "∂L/∂ŷ is no plain tensor", 2, giving("d.to_sparse(), 0, 0, 0, 0")),
    "no data": Told("answer", "∂L/∂ŷ is no plain tensor", 2, giving("d.to('meta'), 0, 0, 0, 0")),
    "a huge number": Told("raised", "OverflowError", None, giving("d, 10**400, 0, 0, 0")),
    "random": Told("answer", "the same batch twice gave two", 2, giving("d, torch.rand(1).double(), 0, 0, 0")),
}  # fmt: skip

WRITE_ALL = "import os\nfor n in range(3, 99):\n    try: os.write(n, b'x' * 10**6)\n    except OSError: pass\n"

# After each of these its process is ended and another started. They do it when the file is run, which needs no torch.
DEADLY = {
    "loops in C": Told("time", "running the file took longer than 0.5 s", 2, "def f():\n    sum(iter(int, 1))\nf()\n"),
    "stops itself": Told("time", "took longer", None, "import os; os.kill(os.getpid(), 19)"),
    "ends its process": Told("ended", "ended its process (exit status 7)", None, "import os; os._exit(7)"),
    "crashes": Told("ended", "crashed its process (segmentation fault)", 2, "import ctypes\nctypes.string_at(0)\n"),
    "aborts": Told("ended", "crashed its process (aborted)", 2, "import os\nos.abort()\n"),
    "closes the channel": Told("channel", "closed the app's channel", None, "import os; os.closerange(3, 100)"),
    "writes to the channel": Told("channel", "wrote into the app's channel", None, WRITE_ALL),
}  # fmt: skip

HARMLESS = {
    "prints a gigabyte": "print('x' * 10**6)\nfor _ in range(500): os.write(1, bytes(2**20)); os.write(2, b'x')",
    "prints odd characters": "print('\\ud800 ∂L/∂ŷ')\nsys.stderr.write('x')",
    "threads": "import threading, time\nfor _ in range(5): threading.Thread(target=time.sleep, args=(1000,)).start()",
    "changes what it got": "for v in (x, y_true, y_pred): v.zero_()\ny_pred += 1",
    "forks": "os.fork()",
    "starts a process": "import subprocess\nsubprocess.Popen(['sleep', '1000'])",
    "autograd": "x.requires_grad_()\ny_pred = y_pred + 0 * x\ny_true = y_true + 0 * x",
}

# What a file writes to the app's channel when it is run, as the answers to the app's first two requests.
FALSE_ANSWERS = {
    "the answer to another request": ("send(b'{\"request\": 99}')", "channel"),
    "a result that is too short": (
        'send(b\'{"request": 1, "holds": ["update"]}\'); send(b\'{"request": 2, "result": 1}\'); send(b"x")',
        "channel",
    ),
    "a result that is too long": (
        'send(b\'{"request": 1, "holds": ["update"]}\'); send(b\'{"request": 2, "result": 1}\'); send(bytes(99))',
        "channel",
    ),
    "a huge length": ("os.write(channel, b'\\x7f\\xff\\xff\\xff')", "channel"),
    "no result": ('send(b\'{"request": 1, "holds": ["update"]}\'); send(b\'{"request": 2}\')', "channel"),
    "texts that are none": ('send(b\'{"request": 1, "beside": [1]}\')', "channel"),
    "no parts": ("send(b'{\"request\": 1}')", "channel"),
    "no JSON": ("send(b'\\xff')", "channel"),
    "no object": ("send(b'[1, 2, 3]')", "channel"),
    "no error": ('send(b\'{"request": 1, "kind": "odd", "line": 1, "text": ""}\')', "channel"),
    "half a message": ("os.write(channel, b'\\0\\0'); time.sleep(100)", "time"),
}
