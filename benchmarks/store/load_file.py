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
        self._minutes = numpy.memmap(path, "<i8", "r", 64, (self.minutes, 2, self.series_count))

    def table(self, begin, end):
        """Minutes begin to end as columns series (int32), ts (microseconds, UTC), value."""
        series = numpy.tile(numpy.arange(1, self.series_count + 1, dtype="<i4"), end - begin)
        part = self._minutes[begin:end]
        ts = pyarrow.array(part[:, 0].ravel(), type=pyarrow.timestamp("us", "UTC"))
        value = numpy.ascontiguousarray(part[:, 1]).view("<f8").ravel()
        return pyarrow.table({"series": series, "ts": ts, "value": value})
