#pragma once
/// Database files whose pages carry a checksum, so that a flipped bit is an error and never a
/// value.
///
/// A layer between SQLite and its files. The last 8 bytes of each page of a database file (SQLite's
/// "reserved bytes") hold a CRC-32C over the page and its number, and a mark; they are set on
/// writing and checked on reading. The write-ahead log has checksums of SQLite's own. Files that
/// were made without reserved bytes are read and written as they are. Drawn in
/// docs/formats/tenant-folder.md.
///
/// Threads: any. The layer lies on the default file layer of the moment when a file is opened.

#include <cstdint>
#include <span>

namespace millwright::sqlite {

/// At the end of each page.
inline constexpr int kPageCheckBytes = 8;

/// The layer's name, for sqlite3_open_v2(). Registers it at the first call.
const char* checked_pages();

/// Whether a page (its checksum at the end) is as it was written. Page numbers begin at 1.
bool is_page_intact(std::span<const std::uint8_t> page, std::uint64_t number);

}  // namespace millwright::sqlite
