#!/usr/bin/env python3
"""store.*@duckdb and store.*@clickhouse: embedded peers on the same load and the same queries.

  peers.py duckdb|clickhouse LOAD MINUTES FOLDER

FOLDER/queries.tsv is what store_bench left: the queries and the answers that must come out. Runs
in a virtual environment with duckdb, chdb, numpy and pyarrow (./bench store --peers makes it).
Ingest is measured on the first day of the load, a minute to a commit, each as durable as the peer's
own settings make it; making the batches is not counted. The rest is loaded in large pieces. Each question is asked up to 50
times, fewer where that would take longer than half a minute, after one that is not counted."""

import importlib
import os
import pathlib
import statistics
import sys
import time

from load_file import LoadFile

MEASURED_MINUTES = 1440
PIECE_MINUTES = 200
MOST_SECONDS = 30
LEAST_REPETITIONS = 5


def figure(name, value, unit):
    text = f"{value:.0f}" if value >= 1000 else f"{value:.4g}"
    print(f"{name}\t{text}\t{unit}", flush=True)


def resident_mib():
    status = pathlib.Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def fdatasync_p50_ms(folder):
    """The median of 200 writes of 4 KiB in this folder, each made durable."""
    probe, times = folder / "probe", []
    with open(probe, "wb", buffering=0) as file:
        for _ in range(200):
            begin = time.perf_counter()
            file.write(b"x" * 4096)
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - begin)
    probe.unlink()
    return statistics.median(times) * 1000


def read_queries(path):
    """Rows of numbers: question, first series, series, start, end, step, threshold, samples, sum."""
    for line in path.read_text().splitlines():
        fields = line.split("\t")
        yield [int(f) for f in fields[:6]] + [float(fields[6]), int(fields[7]), float(fields[8])]


def measure_queries(name, peer, queries):
    for question in range(1, 6):
        times, total, is_warm = [], 0.0, False
        for q, first, count, start, end, step, threshold, samples, value_sum in queries:
            if q != question or (total > MOST_SECONDS and len(times) >= LEAST_REPETITIONS):
                continue
            begin = time.perf_counter()
            answer = peer.ask(question, first, first + count - 1, start, end, step, threshold)
            seconds = time.perf_counter() - begin
            if peer.summary(question, answer) != (samples, value_sum):
                sys.exit(f"error: {name} answers question {question} otherwise than we do: "
                         f"{peer.summary(question, answer)}, not {(samples, value_sum)}")
            total += seconds
            if is_warm:
                times.append(seconds)
            is_warm = True
        figure(f"store.q{question}_ms@{name}", statistics.median(times) * 1000, "ms")


def main():
    name, load_path, minutes, folder = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
    folder = pathlib.Path(folder)
    load = LoadFile(load_path)
    home = folder / name
    home.mkdir()
    figure(f"disk.fdatasync_p50_ms@{name}", fdatasync_p50_ms(folder), "ms")
    peer = importlib.import_module(f"{name}_peer").Peer(home)
    measured = min(minutes, MEASURED_MINUTES)
    print(f"{name}: ingest of {measured} minutes, then the rest", file=sys.stderr)
    seconds = 0.0
    for minute in range(measured):
        batch = load.table(minute, minute + 1)
        begin = time.perf_counter()
        peer.insert(batch)
        seconds += time.perf_counter() - begin
    figure(f"store.ingest_samples_per_s@{name}", measured * load.series_count / seconds, "samples/s")
    for begin in range(measured, minutes, PIECE_MINUTES):
        peer.insert(load.table(begin, min(begin + PIECE_MINUTES, minutes)))
    peer.settle()
    figure(f"store.bytes_per_sample@{name}", peer.bytes() / (minutes * load.series_count), "bytes")
    print(f"{name}: queries", file=sys.stderr)
    measure_queries(name, peer, list(read_queries(folder / "queries.tsv")))
    figure(f"store.rss_mib@{name}", resident_mib(), "MiB")


main()
