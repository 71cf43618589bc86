#include "sqlite/checked_pages.h"

#include <sqlite3.h>

#include <bit>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "base/check.h"
#include "base/crc32c.h"

namespace millwright::sqlite {
namespace {

static_assert(std::endian::native == std::endian::little, "words are copied as they are");

constexpr const char* kName = "millwright-checked";
constexpr std::uint32_t kMark = 0x3150574D;  // "MWP1"
constexpr int kHeaderBytes = 100;  // of a database file; its fields: sqlite.org/fileformat

struct PageCheck {
  std::uint32_t crc = 0;
  std::uint32_t mark = 0;
};
static_assert(sizeof(PageCheck) == kPageCheckBytes);

PageCheck check_of(std::span<const std::uint8_t> body, std::uint64_t number) {
  const std::uint32_t seed =
      crc32c({reinterpret_cast<const std::uint8_t*>(&number), sizeof number});
  return {crc32c(seed, {reinterpret_cast<const char*>(body.data()), body.size()}), kMark};
}

/// What SQLite sees as a file: the real one and what is known of its pages.
struct File {
  sqlite3_file base;
  sqlite3_file* inner;
  bool is_database;
  int page_bytes;  // 0 until the file has a header

  /// Page size and reserved bytes stand in the first page.
  void learn(const std::uint8_t* header) {
    const int size = header[16] << 8 | header[17];
    const bool is_checked = header[20] == kPageCheckBytes;
    page_bytes = is_checked ? (size == 1 ? 65'536 : size) : 0;
  }
  bool is_page(int bytes, sqlite3_int64 at) const {
    return is_database && page_bytes != 0 && bytes == page_bytes && at % page_bytes == 0;
  }
};

bool has_mark(std::span<const std::uint8_t> page, sqlite3_int64 at) {
  if (page.size() < 512 || !std::has_single_bit(page.size())) return false;
  if (at % static_cast<sqlite3_int64>(page.size()) != 0) return false;
  return std::memcmp(&page[page.size() - sizeof kMark], &kMark, sizeof kMark) == 0;
}

File& own(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }
sqlite3_file* inner(sqlite3_file* file) { return own(file).inner; }

int file_read(sqlite3_file* file, void* to, int bytes, sqlite3_int64 at) {
  const int code = inner(file)->pMethods->xRead(inner(file), to, bytes, at);
  File& self = own(file);
  if (code != SQLITE_OK || !self.is_database) return code;
  if (at == 0 && bytes >= kHeaderBytes) self.learn(static_cast<const std::uint8_t*>(to));
  const std::span page(static_cast<const std::uint8_t*>(to), static_cast<std::size_t>(bytes));
  // A header whose reserved bytes were spoilt must not switch the checks off.
  if (!self.is_page(bytes, at) && !has_mark(page, at)) return code;
  const auto number = static_cast<std::uint64_t>(at / bytes) + 1;
  return is_page_intact(page, number) ? SQLITE_OK : SQLITE_IOERR_DATA;
}

int file_write(sqlite3_file* file, const void* from, int bytes, sqlite3_int64 at) {
  File& self = own(file);
  const auto* source = static_cast<const std::uint8_t*>(from);
  if (self.is_database && at == 0 && bytes >= kHeaderBytes) self.learn(source);
  if (!self.is_page(bytes, at)) return self.inner->pMethods->xWrite(self.inner, from, bytes, at);
  thread_local std::vector<std::uint8_t> page;  // SQLite's own copy is not ours to change
  page.assign(source, source + bytes);
  const auto body = std::span(page).first(page.size() - kPageCheckBytes);
  const PageCheck check = check_of(body, static_cast<std::uint64_t>(at / bytes) + 1);
  std::memcpy(page.data() + body.size(), &check, sizeof check);
  return self.inner->pMethods->xWrite(self.inner, page.data(), bytes, at);
}

int file_close(sqlite3_file* file) {
  const int code = inner(file)->pMethods->xClose(inner(file));
  std::free(inner(file));
  return code;
}
int file_truncate(sqlite3_file* file, sqlite3_int64 size) {
  return inner(file)->pMethods->xTruncate(inner(file), size);
}
int file_sync(sqlite3_file* file, int flags) {
  return inner(file)->pMethods->xSync(inner(file), flags);
}
int file_size(sqlite3_file* file, sqlite3_int64* size) {
  return inner(file)->pMethods->xFileSize(inner(file), size);
}
int file_lock(sqlite3_file* file, int level) {
  return inner(file)->pMethods->xLock(inner(file), level);
}
int file_unlock(sqlite3_file* file, int level) {
  return inner(file)->pMethods->xUnlock(inner(file), level);
}
int file_check_lock(sqlite3_file* file, int* out) {
  return inner(file)->pMethods->xCheckReservedLock(inner(file), out);
}
int file_control(sqlite3_file* file, int operation, void* argument) {
  return inner(file)->pMethods->xFileControl(inner(file), operation, argument);
}
int file_sector_size(sqlite3_file* file) { return inner(file)->pMethods->xSectorSize(inner(file)); }
int file_characteristics(sqlite3_file* file) {
  return inner(file)->pMethods->xDeviceCharacteristics(inner(file));
}
int file_shm_map(sqlite3_file* file, int page, int size, int extend, void volatile** out) {
  return inner(file)->pMethods->xShmMap(inner(file), page, size, extend, out);
}
int file_shm_lock(sqlite3_file* file, int offset, int count, int flags) {
  return inner(file)->pMethods->xShmLock(inner(file), offset, count, flags);
}
void file_shm_barrier(sqlite3_file* file) { inner(file)->pMethods->xShmBarrier(inner(file)); }
int file_shm_unmap(sqlite3_file* file, int remove) {
  return inner(file)->pMethods->xShmUnmap(inner(file), remove);
}

/// Version 2: without memory mapping, which would go past the checksums.
constexpr sqlite3_io_methods kMethods = {
    2,
    file_close,
    file_read,
    file_write,
    file_truncate,
    file_sync,
    file_size,
    file_lock,
    file_unlock,
    file_check_lock,
    file_control,
    file_sector_size,
    file_characteristics,
    file_shm_map,
    file_shm_lock,
    file_shm_barrier,
    file_shm_unmap,
    nullptr,
    nullptr,
};

sqlite3_vfs* below() { return sqlite3_vfs_find(nullptr); }

int layer_open(sqlite3_vfs*, sqlite3_filename name, sqlite3_file* file, int flags, int* out_flags) {
  sqlite3_vfs* const lower = below();
  File& self = own(file);
  self = {};
  auto* const real =
      static_cast<sqlite3_file*>(std::calloc(1, static_cast<std::size_t>(lower->szOsFile)));
  if (real == nullptr) return SQLITE_NOMEM;
  const int code = lower->xOpen(lower, name, real, flags, out_flags);
  if (code != SQLITE_OK) {
    if (real->pMethods != nullptr) real->pMethods->xClose(real);
    std::free(real);
    return code;
  }
  self.base.pMethods = &kMethods;
  self.inner = real;
  self.is_database = (flags & SQLITE_OPEN_MAIN_DB) != 0;
  return SQLITE_OK;
}
int layer_delete(sqlite3_vfs*, const char* name, int sync_folder) {
  return below()->xDelete(below(), name, sync_folder);
}
int layer_access(sqlite3_vfs*, const char* name, int flags, int* out) {
  return below()->xAccess(below(), name, flags, out);
}
int layer_full_path(sqlite3_vfs*, const char* name, int size, char* out) {
  return below()->xFullPathname(below(), name, size, out);
}
int layer_randomness(sqlite3_vfs*, int size, char* out) {
  return below()->xRandomness(below(), size, out);
}
int layer_sleep(sqlite3_vfs*, int us) { return below()->xSleep(below(), us); }
int layer_time(sqlite3_vfs*, double* out) { return below()->xCurrentTime(below(), out); }
int layer_last_error(sqlite3_vfs*, int size, char* out) {
  return below()->xGetLastError(below(), size, out);
}
int layer_time_ms(sqlite3_vfs*, sqlite3_int64* out) {
  return below()->xCurrentTimeInt64(below(), out);
}

sqlite3_vfs make_layer() {
  sqlite3_vfs layer{};
  layer.iVersion = 2;
  layer.szOsFile = static_cast<int>(sizeof(File));
  layer.mxPathname = below()->mxPathname;
  layer.zName = kName;
  layer.xOpen = layer_open;
  layer.xDelete = layer_delete;
  layer.xAccess = layer_access;
  layer.xFullPathname = layer_full_path;
  layer.xRandomness = layer_randomness;
  layer.xSleep = layer_sleep;
  layer.xCurrentTime = layer_time;
  layer.xGetLastError = layer_last_error;
  layer.xCurrentTimeInt64 = layer_time_ms;
  return layer;
}

}  // namespace

const char* checked_pages() {
  static const bool is_registered = [] {
    static sqlite3_vfs layer = make_layer();
    return sqlite3_vfs_register(&layer, 0) == SQLITE_OK;
  }();
  MW_CHECK(is_registered);
  return kName;
}

bool is_page_intact(std::span<const std::uint8_t> page, std::uint64_t number) {
  PageCheck stored;
  const auto body = page.first(page.size() - kPageCheckBytes);
  std::memcpy(&stored, page.data() + body.size(), sizeof stored);
  const PageCheck expected = check_of(body, number);
  return stored.crc == expected.crc && stored.mark == expected.mark;
}

}  // namespace millwright::sqlite
