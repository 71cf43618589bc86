#!/usr/bin/env python3
"""Reads the module graph back from the includes: an arrow that points up fails.

A module is a folder under src/; an adapter is a sub-folder of a port. The rules are those of
docs/architecture.md."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PURE = {"signal", "ml", "graphql", "record", "backtest"}
PORTS = {"storage", "identity", "messaging", "registry", "connectors", "uplink", "journal", "notify"}
USE_CASES = {"edge", "ingest", "devices", "analytics", "analyst", "alerts", "retention"}
BASE = {"base", "telemetry", "model", "sqlite", "postgres"}

ALLOWED = {
    "base": set(),
    "telemetry": {"base"},
    "sqlite": {"base"},
    "postgres": {"base"},
    "model": {"base"},
    "signal": {"base"},
    "ml": {"base", "model", "signal"},
    "graphql": {"base"},
    "record": {"base", "model"},
    "backtest": {"base", "model"},
    **{port: {"base", "model", "telemetry"} for port in PORTS},
    **{use: BASE - {"sqlite", "postgres"} | PURE | PORTS for use in USE_CASES},
    "transport": BASE - {"sqlite", "postgres"} | PURE | PORTS | USE_CASES,
}
# An adapter knows its own port, what is pure, and the hold on SQLite; never another adapter.
ADAPTER = BASE | PURE
INCLUDE = re.compile(r'^#include "([a-z0-9_]+)/([a-z0-9_/]+)\.h"', re.M)


def modules():
    return {p.name for p in (ROOT / "src").iterdir() if p.is_dir()}


def is_adapter(port, rest):
    """Whether src/port/rest lies in an adapter's folder (testing/ holds the port's contract)."""
    parts = rest.split("/")
    return port in PORTS and len(parts) > 1 and parts[0] != "testing"


def complaints():
    known = modules()
    for file in sorted((ROOT / "src").rglob("*")):
        if file.suffix not in {".h", ".cpp"}:
            continue
        relative = file.relative_to(ROOT / "src").as_posix()
        module, rest = relative.split("/", 1)
        is_test = re.search(r"_(test|bench)\.cpp$|/testing/|_test_|fake", relative) is not None
        for target, target_rest in INCLUDE.findall(file.read_text()):
            if target not in known or is_test:
                continue
            if is_adapter(target, target_rest + ".h"):
                same = is_adapter(module, rest) and module == target and (
                    rest.split("/")[0] == target_rest.split("/")[0])
                if not same:
                    yield f"{relative}: includes the adapter {target}/{target_rest}.h"
                continue
            if target == module:
                continue
            allowed = ADAPTER if is_adapter(module, rest) else ALLOWED.get(module)
            if allowed is None:
                yield f"{relative}: module {module} is not in the graph of docs/architecture.md"
            elif target not in allowed:
                yield f"{relative}: {module} may not include {target}/{target_rest}.h"


found = list(complaints())
print("\n".join(found) or "every arrow points down")
sys.exit(1 if found else 0)
