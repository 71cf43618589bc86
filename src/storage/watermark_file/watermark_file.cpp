#include "storage/watermark_file/watermark_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <sstream>

#include "base/crc32c.h"
#include "base/durable_file.h"
#include "base/log.h"
#include "base/text.h"

namespace millwright {
namespace {

constexpr std::string_view kHeader = "millwright watermarks 1\n";
constexpr std::uint64_t kCompactAfterBytes = 4 << 20;
constexpr std::size_t kLongestFile = 256 << 20;

std::optional<EpochId> epoch_from_hex(std::string_view hex) {
  EpochId epoch{};
  if (hex.size() != 2 * epoch.size()) return std::nullopt;
  for (std::size_t i = 0; i < epoch.size(); ++i) {
    const char* end = hex.data() + 2 * i + 2;
    if (std::from_chars(end - 2, end, epoch[i], 16).ptr != end) return std::nullopt;
  }
  return epoch;
}

/// "WORDS CRC\n"
std::string line_of(const std::string& words) {
  char crc[9];
  std::snprintf(crc, sizeof crc, "%08x", crc32c(0, words));
  return words + " " + crc + "\n";
}

std::string epoch_line(const ReachedEpoch& epoch) {
  return line_of("epoch " + to_hex(epoch.epoch) + " " +
                 std::to_string(static_cast<int>(epoch.stream.stream_class)) + " " +
                 epoch.stream.agent.str());
}
std::string reached_line(const EpochId& epoch, std::uint64_t watermark) {
  return line_of("reached " + to_hex(epoch) + " " + std::to_string(watermark));
}
std::string missed_line(const EpochId& epoch, std::optional<Timestamp> at) {
  return line_of("missed " + to_hex(epoch) + " " + (at ? std::to_string(to_us(*at)) : "no"));
}
std::string settled_line(const EpochId& epoch, std::uint64_t through) {
  return line_of("settled " + to_hex(epoch) + " " + std::to_string(through));
}

/// The words of a line whose checksum fits.
std::optional<std::string_view> words_of(std::string_view line) {
  if (line.size() < 10) return std::nullopt;
  const std::string_view words = line.substr(0, line.size() - 9);
  const std::string expected = line_of(std::string(words));
  return expected.substr(0, expected.size() - 1) == line ? std::optional(words) : std::nullopt;
}

Error system_error(const std::filesystem::path& path, const char* doing) {
  return unavailable("the watermark log " + path.filename().string() + " cannot be used: " + doing +
                         " failed; check the folder's rights and free space",
                     path.string() + ": " + std::strerror(errno));
}

}  // namespace

Result<std::unique_ptr<WatermarkFile>> WatermarkFile::open(std::filesystem::path path) {
  std::error_code failure;
  std::filesystem::create_directories(path.parent_path(), failure);
  if (failure) {
    return unavailable("the folder of the watermark logs cannot be made; check its rights",
                       path.parent_path().string() + ": " + failure.message());
  }
  std::unique_ptr<WatermarkFile> file(new WatermarkFile(std::move(path)));
  MW_TRY(file->load());
  MW_TRY(file->compact());
  return file;
}

WatermarkFile::~WatermarkFile() { close(); }

void WatermarkFile::close() {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

Result<> WatermarkFile::load() {
  const auto bytes = read_whole(path_, kLongestFile);
  if (!bytes) {
    if (bytes.error().code == ErrorCode::kNotFound) return {};
    return bytes.error();
  }
  std::string_view rest(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  if (!rest.starts_with(kHeader)) {
    log::error("a watermark log is none of version 1; it is moved aside and a new one begun",
               {{"file", path_.string() + ".damaged"}});
    return rename_durably(path_, path_.string() + ".damaged");
  }
  rest.remove_prefix(kHeader.size());
  std::size_t damaged = 0;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const auto words = words_of(rest.substr(0, end));
    if (words) take(*words);
    damaged += !words;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (damaged > 0) {
    log::warning("lines of a watermark log are damaged and left out",
                 {{"file", path_.filename().string()}, {"lines", damaged}});
  }
  return {};
}

void WatermarkFile::take(std::string_view line) {
  std::istringstream words{std::string(line)};
  std::string kind, hex, number;
  words >> kind >> hex >> number;
  const auto epoch = epoch_from_hex(hex);
  if (!epoch) return;
  if (kind == "epoch") {
    std::string agent;
    words >> agent;
    const auto device = DeviceId::parse(agent);
    if (!device || (number != "1" && number != "2" && number != "3")) return;
    const StreamKey stream{*device, static_cast<StreamClass>(number[0] - '0')};
    epochs_.try_emplace(*epoch, ReachedEpoch{stream, *epoch, 0, 0, {}});
    return;
  }
  const auto known = epochs_.find(*epoch);
  if (known == epochs_.end()) return;  // its own line is damaged
  ReachedEpoch& to = known->second;
  std::uint64_t value = 0;
  std::from_chars(number.data(), number.data() + number.size(), value);
  if (kind == "reached") to.watermark = std::max(to.watermark, value);
  if (kind == "settled") to.settled_through = std::max(to.settled_through, value);
  if (kind != "missed") return;
  to.missed_at.reset();
  if (number != "no") to.missed_at = from_us(static_cast<std::int64_t>(value));
}

std::vector<ReachedEpoch> WatermarkFile::epochs() const {
  std::vector<ReachedEpoch> out;
  for (const auto& [id, epoch] : epochs_) out.push_back(epoch);
  return out;
}

Result<> WatermarkFile::note(std::span<const Reached> reached) {
  std::string lines;
  for (const Reached& one : reached) {
    const auto [known, is_new] =
        epochs_.try_emplace(one.epoch, ReachedEpoch{one.stream, one.epoch, 0, 0, {}});
    ReachedEpoch& epoch = known->second;
    if (is_new) lines += epoch_line(epoch);
    if (one.watermark <= epoch.watermark) continue;
    epoch.watermark = one.watermark;
    lines += reached_line(one.epoch, one.watermark);
  }
  return append(lines);
}

Result<> WatermarkFile::note_missed(const EpochId& epoch, std::optional<Timestamp> at) {
  const auto known = epochs_.find(epoch);
  if (known == epochs_.end()) return not_found("the watermark log has no such epoch");
  known->second.missed_at = at;
  return append(missed_line(epoch, at));
}

Result<> WatermarkFile::note_settled(const EpochId& epoch, std::uint64_t through) {
  const auto known = epochs_.find(epoch);
  if (known == epochs_.end()) return not_found("the watermark log has no such epoch");
  known->second.settled_through = std::max(known->second.settled_through, through);
  return append(settled_line(epoch, through));
}

Result<> WatermarkFile::append(const std::string& lines) {
  if (lines.empty()) return {};
  struct stat status {};
  if (descriptor_ < 0 || ::fstat(descriptor_, &status) != 0) return compact();
  if (status.st_nlink == 0) {  // another process of ours has written it anew
    MW_TRY(load());
    return compact();
  }
  if (appended_bytes_ > kCompactAfterBytes) return compact();
  appended_bytes_ += lines.size();
  std::string_view rest = lines;
  while (!rest.empty()) {
    const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      close();  // a line may be torn, or that of a new epoch missing: all is written anew
      return system_error(path_, "writing");
    }
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<> WatermarkFile::compact() {
  std::string text(kHeader);
  for (const auto& [id, epoch] : epochs_) {
    text += epoch_line(epoch) + reached_line(id, epoch.watermark);
    if (epoch.settled_through > 0) text += settled_line(id, epoch.settled_through);
    if (epoch.missed_at) text += missed_line(id, epoch.missed_at);
  }
  close();
  MW_TRY(write_durably(path_, std::as_bytes(std::span(text))));
  appended_bytes_ = 0;
  descriptor_ = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (descriptor_ < 0) return system_error(path_, "opening");
  return {};
}

}  // namespace millwright
