"""The client beside the ``openai`` package, against a server that has its answers ready."""

from __future__ import annotations

import socket
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from scripts.bench.calls import CONNECTIONS
from scripts.bench.page import Section, installed
from scripts.bench.processes import answer, cost, free_port, output, started
from scripts.bench.table import Goal, Pair, Row

_SECONDS = 120.0
_CALLS: Final = {"rest": 1, "sync": 1000, "async": 800, "aiohttp": 1500, "large": 20, "upload": 120}
_WITHOUT_AIOHTTP = "import sys; sys.modules['aiohttp'] = None"
"""As where no extra was installed: ``openai`` imports it wherever it is."""
_IMPORT: Final = {
    "ours": """
from openai_images_client import AuthenticatedClient
from openai_images_client.api.images import create_image
from openai_images_client.models import CreateImageRequest
""",
    "openai": """
from openai import OpenAI
""",
}
_CALL: Final = {
    "ours": """
client = AuthenticatedClient(base_url=sys.argv[1], token="sk-bench")
create_image.sync(client=client, body=CreateImageRequest(prompt="A cute baby sea otter")).data[0].url
""",
    "openai": """
OpenAI(base_url=sys.argv[1], api_key="sk-bench").images.generate(prompt="A cute baby sea otter").data[0].url
""",
}


def measure(rounds: int, *, quick: bool) -> Section:
    """Measure all calls of both clients, in turns."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "scripts.bench.fixed", str(port)]
        with started(command, lambda: _listens(port), Path(folder) / "log"):
            url = f"http://127.0.0.1:{port}"
            # The first round of all reads from the disk and compiles.
            both = [_round(url, quick=quick) for _ in range(rounds + 1)][1:]

    def pairs(what: str) -> list[Pair]:
        return [(ours[what], theirs[what]) for ours, theirs in both]

    beside, on_aiohttp = "`openai`", "`openai[aiohttp]`"
    at_once = f"calls at once on {CONNECTIONS} connections"
    rows = [
        Row("client-import", "import", beside, "ms", pairs("import")),
        Row("client-cold", "a process that makes one call", beside, "ms", pairs("cold")),
        Row("client-rest", "memory after one call", beside, "MB", pairs("rest")),
        Row("client-sync", "calls one after the other", beside, "calls/s", pairs("sync")),
        Row("client-async", f"{at_once}, as installed", beside, "calls/s", pairs("async")),
        Row("client-aiohttp", f"{at_once}, both on aiohttp", on_aiohttp, "calls/s", pairs("aiohttp"), Goal(least=1.0)),
        Row("client-large", "answers of 4 MB", beside, "calls/s", pairs("large"), Goal(least=1.0)),
        Row("client-large-memory", "most memory with answers of 4 MB", beside, "MB", pairs("peak"), Goal(most=1.2)),
        Row("client-upload", "uploads of 1 MB", beside, "calls/s", pairs("upload")),
    ]
    return Section(rows, installed("openai", "httpx", "httpx2", "httpx-aiohttp", "aiohttp"))


def _round(url: str, *, quick: bool) -> tuple[Mapping[str, float], Mapping[str, float]]:
    """Measure each thing with one client after the other."""
    figures: dict[str, dict[str, float]] = {"ours": {}, "openai": {}}
    for who, made in figures.items():
        timed = f"import time; t = time.perf_counter(){_IMPORT[who]}print(1000 * (time.perf_counter() - t))"
        made["import"] = float(output([sys.executable, "-c", f"{_WITHOUT_AIOHTTP}\n{timed}"], _SECONDS))
    for who, made in figures.items():
        code = f"{_WITHOUT_AIOHTTP}\n{_IMPORT[who]}{_CALL[who]}"
        made["cold"] = 1000 * cost([sys.executable, "-c", code, f"{url}/small/v1"], _SECONDS).wall
    for what, calls in _CALLS.items():
        for who, made in figures.items():
            large = what == "large"
            where, kind = f"{url}/{'large' if large else 'small'}/v1", "sync" if large else what
            found = answer("calls", [who, kind, where, 2 if quick else calls], _SECONDS)
            made[what] = found["rest"] if what == "rest" else found["rate"]
            if large:
                made["peak"] = found["peak"]
    return figures["ours"], figures["openai"]


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0
