"""Executes notebooks, cell by cell, in one Jupyter kernel in this folder, and writes them back with their outputs.

A program of its own: zmq leaves sockets open, whose warnings would fail whatever test comes next in a process.
"""

from __future__ import annotations

import sys

import nbformat
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient


def execute(paths: list[str]) -> None:
    """Execute each notebook from an empty namespace; an error in a cell ends the program."""
    manager = KernelManager()
    manager.start_kernel()
    try:
        for path in paths:
            book = nbformat.read(path, 4)
            book.cells.insert(0, nbformat.v4.new_code_cell("%reset -f"))
            NotebookClient(book, km=manager, timeout=300).execute()
            nbformat.write(book, path)
    finally:
        manager.shutdown_kernel(now=True)


if __name__ == "__main__":
    execute(sys.argv[1:])
