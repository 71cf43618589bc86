#include "edge/sensor_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/text.h"

namespace millwright::edge {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxFileBytes = 4 << 20;

Error file_error(const char* what, const std::string& path) {
  return internal_error(std::string(what) + " " + quote(path) + " failed: " + strerror(errno));
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

}  // namespace

Result<std::optional<std::string>> read_small_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) {
    if (errno == ENOENT) return std::optional<std::string>();
    return file_error("opening", path);
  }
  std::string text;
  char buffer[4096];
  for (;;) {
    const ssize_t n = ::read(file.get(), buffer, sizeof buffer);
    if (n < 0) return file_error("reading", path);
    if (n == 0) return std::optional<std::string>(std::move(text));
    text.append(buffer, static_cast<std::size_t>(n));
    if (text.size() > kMaxFileBytes) {
      return invalid_argument("the file " + quote(path) + " has more than 4 MiB");
    }
  }
}

Result<> write_file_atomically(const std::string& path, std::string_view text) {
  const std::string temporary = path + ".new";
  {
    const Descriptor file(
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (file.get() < 0) return file_error("opening", temporary);
    while (!text.empty()) {
      const ssize_t n = ::write(file.get(), text.data(), text.size());
      if (n < 0) return file_error("writing", temporary);
      text.remove_prefix(static_cast<std::size_t>(n));
    }
    if (::fsync(file.get()) != 0) return file_error("syncing", temporary);
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) return file_error("renaming", temporary);
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const Descriptor opened(
      ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.get() < 0 || ::fsync(opened.get()) != 0) return file_error("syncing", folder);
  return {};
}

Result<std::optional<std::vector<SensorSpec>>> load_sensors(const std::string& path) {
  MW_ASSIGN(const auto text, read_small_file(path));
  if (!text) return std::optional<std::vector<SensorSpec>>();
  const json file = json::parse(*text, nullptr, false);
  const std::string advice = "; repair it, or remove it to start with the configuration's sensors";
  if (!file.is_object() || !file.contains("sensors") || !file["sensors"].is_array()) {
    return invalid_argument("the sensor file " + quote(path) +
                            " is no JSON object with a list 'sensors'" + advice);
  }
  std::vector<SensorSpec> sensors;
  for (const json& item : file["sensors"]) {
    auto sensor = parse_sensor(item);
    if (!sensor) {
      return invalid_argument("sensor " + std::to_string(sensors.size() + 1) +
                              " of the sensor file " + quote(path) + ": " + sensor.error().message +
                              advice);
    }
    sensors.push_back(std::move(*sensor));
  }
  return std::optional<std::vector<SensorSpec>>(std::move(sensors));
}

Result<> store_sensors(const std::string& path, const std::vector<SensorSpec>& sensors) {
  json list = json::array();
  for (const SensorSpec& sensor : sensors) list.push_back(to_json(sensor));
  return write_file_atomically(path, json{{"sensors", std::move(list)}}.dump(2) + "\n");
}

}  // namespace millwright::edge
