"""DuckDB in process, at its best: once loaded, the table is sorted by series and time, in a file of
its own."""

import os

import duckdb


class Peer:
    def __init__(self, home):
        self._home = home
        self._as_it_comes = str(home / "as_it_comes.db")
        self._sorted = str(home / "sorted.db")
        self._db = duckdb.connect(self._as_it_comes)
        self._db.execute("SET TimeZone='UTC'")
        self._db.execute("CREATE TABLE samples (series INTEGER, ts TIMESTAMPTZ, value DOUBLE)")

    def insert(self, batch):
        self._db.execute("INSERT INTO samples SELECT * FROM batch")

    def settle(self):
        self._db.execute("CHECKPOINT")
        self._db.close()
        self._db = duckdb.connect(self._sorted)
        self._db.execute("SET TimeZone='UTC'")
        self._db.execute(f"ATTACH '{self._as_it_comes}' AS origin (READ_ONLY)")
        self._db.execute("CREATE TABLE samples AS SELECT * FROM origin.samples ORDER BY series, ts")
        self._db.execute("DETACH origin")
        self._db.execute("CHECKPOINT")

    def bytes(self):
        return os.path.getsize(self._sorted)

    def ask(self, question, first, last, start, end, step, threshold):
        time = "ts >= make_timestamptz($start) AND ts < make_timestamptz($end)"
        bucket = "(epoch_us(ts) - $start) // $step AS bucket"
        if question == 1:
            return self._all("SELECT series, arg_max(value, ts) FROM samples GROUP BY series")
        if question == 2:
            return self._all(f"SELECT ts, value FROM samples WHERE series = $first AND {time} "
                             "ORDER BY ts", first=first, start=start, end=end)
        if question == 3:
            return self._all(f"SELECT {bucket}, count(*) AS n, min(value), max(value) AS top, "
                             f"avg(value) FROM samples WHERE series = $first AND {time} "
                             "GROUP BY bucket", first=first, start=start, end=end, step=step)
        if question == 4:
            return self._all(f"SELECT series, {bucket}, count(*) AS n, avg(value) FROM samples "
                             f"WHERE series BETWEEN $first AND $last AND {time} "
                             "GROUP BY series, bucket",
                             first=first, last=last, start=start, end=end, step=step)
        return self._all(f"SELECT count(*) AS n FROM samples WHERE series BETWEEN $first AND $last "
                         f"AND {time} AND value > $threshold",
                         first=first, last=last, start=start, end=end, threshold=threshold)

    def _all(self, sql, **parameters):
        return self._db.execute(sql, parameters).fetchnumpy()

    @staticmethod
    def summary(question, answer):
        """Sums in order of series and time, as ours are formed."""
        columns = list(answer.values())
        if question == 1:
            return len(columns[0]), in_order(columns[0], columns[1])
        if question == 2:
            return len(columns[0]), in_order(columns[0], columns[1])
        samples = int(answer["n"].sum())
        return samples, in_order(columns[0], answer["top"]) if question == 3 else 0.0


def in_order(keys, values):
    """A sum that is exact: from the first key to the last, one after the other."""
    total = 0.0
    for value in values[keys.argsort()]:
        total += float(value)
    return total
