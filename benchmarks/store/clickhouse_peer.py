"""ClickHouse in process (chdb), at its best: sorted by series and time, the codecs that made this
load smallest (of ten that were tried), milliseconds, and a second table that keeps the latest value
of each series."""

import io

import pyarrow
from chdb import session


class Peer:
    def __init__(self, home):
        self._session = session.Session(str(home))
        self._run("SET enable_alp_codec = 1")
        self._run("CREATE DATABASE bench ENGINE = Atomic")
        self._run("CREATE TABLE bench.samples (series Int32 CODEC(Delta, ZSTD(3)), "
                  "ts DateTime64(3, 'UTC') CODEC(Delta, ZSTD(3)), "
                  "value Float64 CODEC(ALP, ZSTD(3))) ENGINE = MergeTree ORDER BY (series, ts)")
        self._run("CREATE TABLE bench.latest (series Int32, "
                  "sample AggregateFunction(argMax, Float64, DateTime64(3, 'UTC'))) "
                  "ENGINE = AggregatingMergeTree ORDER BY series")
        self._run("CREATE MATERIALIZED VIEW bench.latest_view TO bench.latest AS "
                  "SELECT series, argMaxState(value, ts) AS sample FROM bench.samples GROUP BY series")

    def insert(self, batch):
        self._session.query("INSERT INTO bench.samples SELECT series, ts, value FROM Python(batch)")

    def settle(self):
        self._run("OPTIMIZE TABLE bench.samples FINAL")
        self._run("OPTIMIZE TABLE bench.latest FINAL")

    def bytes(self):
        """Of the parts in use; those that were merged into others go some minutes later."""
        return self._all("SELECT sum(bytes_on_disk) AS n FROM system.parts "
                         "WHERE active AND database = 'bench'")["n"][0].as_py()

    def _run(self, sql):
        self._session.query(sql)

    def ask(self, question, first, last, start, end, step, threshold):
        time = f"ts >= fromUnixTimestamp64Micro({start}) AND ts < fromUnixTimestamp64Micro({end})"
        bucket = f"intDiv(toUnixTimestamp64Micro(ts) - {start}, {max(step, 1)}) AS bucket"
        if question == 1:
            return self._all("SELECT series, argMaxMerge(sample) FROM bench.latest GROUP BY series "
                             "ORDER BY series")
        if question == 2:
            return self._all(f"SELECT ts, value FROM bench.samples WHERE series = {first} AND {time} "
                             "ORDER BY ts")
        if question == 3:
            return self._all(f"SELECT {bucket}, count() AS n, min(value), max(value) AS top, "
                             f"avg(value) FROM bench.samples WHERE series = {first} AND {time} "
                             "GROUP BY bucket ORDER BY bucket")
        if question == 4:
            return self._all(f"SELECT series, {bucket}, count() AS n, avg(value) FROM bench.samples "
                             f"WHERE series BETWEEN {first} AND {last} AND {time} "
                             "GROUP BY series, bucket")
        return self._all(f"SELECT count() AS n FROM bench.samples WHERE series BETWEEN {first} AND "
                         f"{last} AND {time} AND value > {threshold!r}")

    def _all(self, sql):
        answer = self._session.query(sql, "ArrowStream").bytes()
        return pyarrow.ipc.open_stream(io.BytesIO(answer)).read_all()

    @staticmethod
    def summary(question, answer):
        """Sums in order of series and time, as ours are formed."""
        if question <= 2:
            return answer.num_rows, one_after_the_other(answer.column(1))
        samples = sum(answer["n"].to_pylist())
        return samples, one_after_the_other(answer["top"]) if question == 3 else 0.0


def one_after_the_other(values):
    total = 0.0
    for value in values.to_pylist():
        total += value
    return total
