#include "storage/sqlite/data_folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cstring>

#include "base/text.h"

namespace millwright {
namespace {

std::string holder_of(int file) {
  char text[32] = {};
  const ssize_t size = ::pread(file, text, sizeof text - 1, 0);
  return size > 0 ? "process " + quote({text, static_cast<std::size_t>(size)}) : "another process";
}

}  // namespace

Result<DataFolderLock> DataFolderLock::take(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "lock";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) {
    return failed_precondition("cannot write " + path.string() + ": " + std::strerror(errno) +
                               "; choose a data folder that this user may write");
  }
  DataFolderLock lock(file);
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    return failed_precondition("data folder " + folder.string() + " is in use by " +
                               holder_of(file) + "; stop it or choose another data folder");
  }
  const std::string pid = std::to_string(::getpid());
  // For people only: without the number the message above says less.
  if (::ftruncate(file, 0) == 0) (void)!::pwrite(file, pid.data(), pid.size(), 0);
  return lock;
}

DataFolderLock::~DataFolderLock() {
  if (file_ >= 0) ::close(file_);
}

}  // namespace millwright
