#pragma once
/// What a person writes beside something: a few sentences.

#include <string_view>

#include "base/result.h"

namespace millwright {

/// Whether a note may be stored: at most 1,000 characters in UTF-8 without NUL; empty is fine.
/// Errors: kInvalidArgument.
Result<> check_note(std::string_view note);

}  // namespace millwright
