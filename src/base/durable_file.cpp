#include "base/durable_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace millwright {
namespace {

class Descriptor {
 public:
  Descriptor(const std::filesystem::path& path, int flags)
      : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0640)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

Error system_error(const std::string& doing, const std::filesystem::path& path) {
  return unavailable(path.parent_path().string() + " cannot be used: " + doing +
                         " failed; check its rights and free space",
                     path.string() + ": " + std::strerror(errno));
}

Result<> sync_folder(const std::filesystem::path& folder) {
  const Descriptor fd(folder, O_RDONLY | O_DIRECTORY);
  if (fd.get() < 0 || ::fsync(fd.get()) != 0) return system_error("syncing a folder", folder);
  return {};
}

}  // namespace

Result<> write_durably(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  std::filesystem::path temporary = path;
  temporary += ".tmp";
  {
    const Descriptor fd(temporary, O_WRONLY | O_CREAT | O_TRUNC);
    if (fd.get() < 0) return system_error("creating a file", temporary);
    std::size_t written = 0;
    while (written < bytes.size()) {
      const ssize_t n = ::write(fd.get(), bytes.data() + written, bytes.size() - written);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return system_error("writing a file", temporary);
      written += static_cast<std::size_t>(n);
    }
    if (::fsync(fd.get()) != 0) return system_error("syncing a file", temporary);
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) return system_error("renaming a file", path);
  return sync_folder(path.parent_path());
}

Result<> rename_durably(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return system_error("renaming a folder", to);
  return sync_folder(to.parent_path());
}

Result<std::vector<std::byte>> read_whole(const std::filesystem::path& path, std::size_t limit) {
  const Descriptor fd(path, O_RDONLY);
  if (fd.get() < 0) {
    if (errno == ENOENT) return not_found("no file " + path.filename().string());
    return system_error("opening a file", path);
  }
  std::vector<std::byte> out;
  std::vector<std::byte> buffer(std::size_t{64} << 10);
  for (;;) {
    const ssize_t n = ::read(fd.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error("reading a file", path);
    if (n == 0) return out;
    out.insert(out.end(), buffer.begin(), buffer.begin() + n);
    if (out.size() > limit) {
      return invalid_argument("file " + path.filename().string() + " is longer than " +
                              std::to_string(limit) + " bytes");
    }
  }
}

}  // namespace millwright
