"""Reads the load that ./bench generate writes; load_file.h describes the bytes."""

import struct

import numpy
import pyarrow


class LoadFile:
    def __init__(self, path):
        with open(path, "rb") as file:
            magic, self.seed, self.start_us, self.minutes, devices, metrics = struct.unpack(
                "<8sQqqii", file.read(40))
        assert magic == b"MWLOADW1", f"{path} is no load of ./bench generate"
        self.series_count = devices * metrics
        self._path = path

    def table(self, begin, end):
        """Minutes begin to end as columns series (int32), ts (microseconds, UTC), value."""
        series = numpy.tile(numpy.arange(1, self.series_count + 1, dtype="<i4"), end - begin)
        minute = 2 * self.series_count  # numbers
        # Not mapped: what is mapped would count as the peer's memory.
        part = numpy.fromfile(self._path, "<i8", (end - begin) * minute, offset=64 + begin * minute * 8)
        part = part.reshape(end - begin, 2, self.series_count)
        ts = pyarrow.array(part[:, 0].ravel(), type=pyarrow.timestamp("us", "UTC"))
        value = numpy.ascontiguousarray(part[:, 1]).view("<f8").ravel()
        return pyarrow.table({"series": series, "ts": ts, "value": value})
