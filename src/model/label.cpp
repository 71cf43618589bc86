#include "model/label.h"

#include <algorithm>

#include "base/text.h"
#include "model/note.h"

namespace millwright {
namespace {

constexpr std::size_t kMaxClassLength = 64;

bool is_class_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.';
}

}  // namespace

Result<> check_label_class(std::string_view class_name) {
  if (class_name.empty() || class_name.size() > kMaxClassLength ||
      !std::all_of(class_name.begin(), class_name.end(), is_class_character)) {
    return invalid_argument("class " + quote(class_name) +
                            " is not 1 to 64 characters of A-Z a-z 0-9 _ - and dot; write for "
                            "example 'gear_tooth_broken'");
  }
  return {};
}

Result<> check_label(const Label& label) {
  MW_TRY(check_label_class(label.class_name));
  MW_TRY(check_note(label.note));
  if (label.end && *label.end <= label.start) {
    return invalid_argument(
        "the label's end is not after its start; give a later end, or none while it goes on");
  }
  return {};
}

}  // namespace millwright
