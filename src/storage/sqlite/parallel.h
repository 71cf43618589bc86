#pragma once
/// Splits a question over many series among the cores that are free.
///
/// There are no threads that wait for work: a part of milliseconds pays for its thread. All calls
/// of the process together use no more helpers than there are further cores.

#include <cstddef>
#include <functional>

#include "base/result.h"

namespace millwright {

/// Calls `work(begin, end)` for parts of 0..count that have at least `least` each, at the same
/// time, and answers the first error. `work` must not throw.
Result<> in_parallel(std::size_t count, std::size_t least,
                     const std::function<Result<>(std::size_t begin, std::size_t end)>& work);

}  // namespace millwright
