#pragma once
/// Moves chunks from where the first version kept them, samples.db, to chunks.db.
///
/// Threads: before the store is used.

#include "sqlite/database.h"

namespace millwright {

/// Does nothing where they were moved before. A crash in between begins it again.
Result<> move_chunks(sqlite::Database& samples, sqlite::Database& chunks);

}  // namespace millwright
