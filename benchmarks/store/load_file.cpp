#include "load_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <bit>

#include "../figures.h"
#include "storage/testing/reference_load.h"

namespace millwright::bench {
namespace {

static_assert(std::endian::native == std::endian::little);

void write_all(int file, const void* from, std::size_t bytes) {
  const auto* at = static_cast<const char*>(from);
  while (bytes > 0) {
    const ssize_t written = ::write(file, at, bytes);
    if (written <= 0) fail("the load cannot be written; is the disk full?");
    at += written;
    bytes -= static_cast<std::size_t>(written);
  }
}

void read_all(int file, void* to, std::size_t bytes, std::size_t offset) {
  auto* at = static_cast<char*>(to);
  while (bytes > 0) {
    const ssize_t count = ::pread(file, at, bytes, static_cast<off_t>(offset));
    if (count <= 0) fail("the load ends early; make it again with ./bench generate");
    at += count;
    offset += static_cast<std::size_t>(count);
    bytes -= static_cast<std::size_t>(count);
  }
}

}  // namespace

void write_load(const std::filesystem::path& path, std::uint64_t seed, std::int64_t minutes) {
  testing::ReferenceLoad load(seed);
  LoadHeader header;
  header.seed = seed;
  header.start_us = load.start_us();
  header.minutes = minutes;
  header.devices = load.devices();
  header.metrics = load.metrics();
  const int file = ::open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644);
  if (file < 0) fail("cannot write " + path.string());
  write_all(file, &header, sizeof header);
  SampleBatch minute;
  for (std::int64_t i = 0; i < minutes; ++i) {
    load.next_minute(minute);
    write_all(file, minute.columns.timestamp_us.data(), minute.size() * 8);
    write_all(file, minute.columns.value.data(), minute.size() * 8);
  }
  // Flushed now, so that it does not disturb what is measured next.
  if (::fsync(file) != 0) fail("cannot write " + path.string());
  ::close(file);
}

LoadFile::LoadFile(const std::filesystem::path& path)
    : file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
  if (file_ < 0) fail("cannot read " + path.string());
  read_all(file_, &header_, sizeof header_, 0);
  if (header_.magic != LoadHeader{}.magic) fail(path.string() + " is no load of ./bench generate");
}

LoadFile::~LoadFile() { ::close(file_); }

void LoadFile::read(std::int64_t minute, SampleBatch& out) const {
  const std::size_t count = header_.series_count();
  if (out.runs.size() != count) {
    out.runs.clear();
    for (std::size_t i = 0; i < count; ++i) {
      out.runs.push_back({SeriesId{static_cast<std::int64_t>(i) + 1}, 1});
    }
  }
  out.columns.timestamp_us.resize(count);
  out.columns.value.resize(count);
  const std::size_t begin = sizeof header_ + static_cast<std::size_t>(minute) * count * 16;
  read_all(file_, out.columns.timestamp_us.data(), count * 8, begin);
  read_all(file_, out.columns.value.data(), count * 8, begin + count * 8);
}

}  // namespace millwright::bench
