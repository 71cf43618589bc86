#pragma once
/// A consistent copy of a database while others read and write it.

#include "sqlite/database.h"

namespace millwright::sqlite {

/// Copies the state of this moment to a new file (mode 0600, flushed), page by page, as
/// sqlite.org/backup.html says. Every page is checked on reading and gets its checksum in the copy.
/// Writers go on; the write-ahead log of `from` grows until the copy is done.
/// Errors: kAlreadyExists where the file is there; kDataLoss where a page is damaged;
/// kResourceExhausted where the disk is full. What an error leaves behind is removed.
Result<> copy_online(Database& from, const std::filesystem::path& to);

}  // namespace millwright::sqlite
