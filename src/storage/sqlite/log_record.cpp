#include "storage/sqlite/log_record.h"

#include <bit>
#include <cstring>

#include "base/crc32c.h"

namespace millwright {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr unsigned kMaxDecimals = 6;
constexpr std::array<double, kMaxDecimals + 1> kPowers = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};
constexpr double kMaxInteger = 9e15;           // below 2^53: the double and the integer are one
constexpr std::int64_t kMilliseconds = 1'000;  // the coarser of the two units of time
constexpr std::size_t kMaxSamples = 1U << 28;  // of one record; longer ones are damage
constexpr std::size_t kMostBytesASample = 20;  // a varint and a varint or a marked double

Error damaged(const char* reason) { return {ErrorCode::kDataLoss, reason, {}}; }

/// Writes into memory that is large enough.
struct Writer {
  std::uint8_t* at;

  void byte(std::uint8_t v) { *at++ = v; }
  void varint(std::uint64_t v) {
    for (; v >= 0x80; v >>= 7) *at++ = static_cast<std::uint8_t>(v | 0x80);
    *at++ = static_cast<std::uint8_t>(v);
  }
  void word(std::uint64_t v) {
    std::memcpy(at, &v, sizeof v);
    at += sizeof v;
  }
};

/// The integer n with n / power == v to the last bit; `exact` says whether there is one.
std::int64_t scaled(double v, double power, bool& exact) {
  const double wide = v * power;
  exact = wide < kMaxInteger && wide > -kMaxInteger;
  if (!exact) return 0;
  const auto n = static_cast<std::int64_t>(wide + (wide < 0 ? -0.5 : 0.5));
  exact = std::bit_cast<std::uint64_t>(static_cast<double>(n) / power) ==
          std::bit_cast<std::uint64_t>(v);
  return n;
}

/// The fewest decimals that suit most values, judged by a few of them.
unsigned find_decimals(std::span<const double> value) {
  constexpr std::size_t kProbes = 32;
  const std::size_t step = value.size() / kProbes + 1;
  unsigned best = 0;
  std::size_t most = 0;
  for (unsigned decimals = 0; decimals <= kMaxDecimals; ++decimals) {
    std::size_t fits = 0;
    for (std::size_t i = 0; i < value.size(); i += step) {
      bool exact = false;
      scaled(value[i], kPowers[decimals], exact);
      fits += exact ? 1 : 0;
    }
    if (fits > most) {
      most = fits;
      best = decimals;
    }
  }
  return best;
}

/// Runs of equal length whose series follow one another by the same step are one group.
void write_runs(Writer& out, std::span<const SeriesRun> runs) {
  std::int64_t before = 0;
  for (std::size_t i = 0; i < runs.size();) {
    const auto id = [&](std::size_t at) { return static_cast<std::int64_t>(runs[at].series); };
    const std::uint64_t step =
        static_cast<std::uint64_t>(id(i)) - static_cast<std::uint64_t>(before);
    std::size_t end = i + 1;
    while (end < runs.size() && runs[end].count == runs[i].count &&
           static_cast<std::uint64_t>(id(end)) - static_cast<std::uint64_t>(id(end - 1)) == step) {
      ++end;
    }
    out.varint(end - i);
    out.varint(zigzag(step));
    out.varint(runs[i].count);
    before = id(end - 1);
    i = end;
  }
}

void write_times(Writer& out, std::span<const std::int64_t> at_us) {
  const bool whole = std::all_of(at_us.begin(), at_us.end(),
                                 [](std::int64_t at) { return at % kMilliseconds == 0; });
  out.byte(whole ? 1 : 0);
  std::uint64_t before = 0;
  for (const std::int64_t at : at_us) {
    const auto now = static_cast<std::uint64_t>(whole ? at / kMilliseconds : at);
    out.varint(zigzag(now - before));
    before = now;
  }
}

void write_values(Writer& out, std::span<const double> value) {
  const unsigned decimals = find_decimals(value);
  const double power = kPowers[decimals];
  out.byte(static_cast<std::uint8_t>(decimals));
  for (const double v : value) {
    bool exact = false;
    const std::int64_t n = scaled(v, power, exact);
    if (exact) {
      out.varint(zigzag(static_cast<std::uint64_t>(n)) + 1);
    } else {
      out.byte(0);
      out.word(std::bit_cast<std::uint64_t>(v));
    }
  }
}

bool read_runs(ByteReader& in, std::uint64_t samples, std::vector<SeriesRun>& runs) {
  std::uint64_t id = 0;
  for (std::uint64_t announced = 0; announced < samples;) {
    std::uint64_t repeat = 0;
    std::uint64_t step = 0;
    std::uint64_t count = 0;
    if (!in.get_varint(repeat) || !in.get_varint(step) || !in.get_varint(count)) return false;
    if (count == 0 || count > samples || repeat == 0 || repeat > (samples - announced) / count) {
      return false;
    }
    for (std::uint64_t i = 0; i < repeat; ++i) {
      id += unzigzag(step);
      runs.push_back({SeriesId{static_cast<std::int64_t>(id)}, static_cast<std::uint32_t>(count)});
    }
    announced += repeat * count;
  }
  return true;
}

bool read_times(ByteReader& in, std::span<std::int64_t> at_us) {
  std::uint8_t whole = 0;
  if (!in.get_byte(whole) || whole > 1) return false;
  const std::uint64_t unit = whole == 1 ? kMilliseconds : 1;
  std::uint64_t now = 0;
  for (std::int64_t& at : at_us) {
    std::uint64_t step = 0;
    if (!in.get_varint(step)) return false;
    now += unzigzag(step);
    at = static_cast<std::int64_t>(now * unit);
  }
  return true;
}

bool read_values(ByteReader& in, std::span<double> value) {
  std::uint8_t decimals = 0;
  if (!in.get_byte(decimals) || decimals > kMaxDecimals) return false;
  for (double& v : value) {
    std::uint64_t n = 0;
    if (!in.get_varint(n)) return false;
    if (n == 0) {
      std::uint64_t bits = 0;
      if (!in.get_u64(bits)) return false;
      v = std::bit_cast<double>(bits);
    } else {
      v = static_cast<double>(static_cast<std::int64_t>(unzigzag(n - 1))) / kPowers[decimals];
    }
  }
  return true;
}

}  // namespace

void encode_log_record(const SampleBatch& batch, Bytes& out) {
  const std::size_t begin = out.size();
  out.resize(begin + 64 + batch.runs.size() * 30 + batch.size() * kMostBytesASample);
  Writer writer{out.data() + begin};
  writer.byte(kVersion);
  writer.varint(batch.size());
  write_runs(writer, batch.runs);
  write_times(writer, batch.columns.timestamp_us);
  write_values(writer, batch.columns.value);
  out.resize(static_cast<std::size_t>(writer.at - out.data()));
  put_u32(out, crc32c(std::span(out).subspan(begin)));
}

Result<> decode_log_record(std::span<const std::uint8_t> bytes, SampleBatch& out) {
  if (bytes.size() < sizeof(std::uint32_t)) return damaged("the log record is cut off");
  const auto body = bytes.first(bytes.size() - sizeof(std::uint32_t));
  std::uint32_t stored = 0;
  ByteReader(bytes.subspan(body.size())).get_u32(stored);
  if (stored != crc32c(body)) return damaged("the log record's checksum does not match");
  ByteReader in(body);
  std::uint8_t version = 0;
  std::uint64_t samples = 0;
  if (!in.get_byte(version) || version != kVersion) {
    return damaged("the log record has a format that is not known");
  }
  if (!in.get_varint(samples) || samples > kMaxSamples || samples > body.size()) {
    return damaged("the log record has an impossible number of samples");
  }
  out.runs.clear();
  out.columns.timestamp_us.resize(samples);
  out.columns.value.resize(samples);
  if (!read_runs(in, samples, out.runs) || !read_times(in, out.columns.timestamp_us) ||
      !read_values(in, out.columns.value) || !in.rest().empty()) {
    return damaged("the log record makes no sense");
  }
  return {};
}

}  // namespace millwright
