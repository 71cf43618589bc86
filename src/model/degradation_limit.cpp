#include "model/degradation_limit.h"

#include <cmath>

#include "base/text.h"
#include "model/note.h"

namespace millwright {

std::string_view to_string(LimitSide side) { return side == LimitSide::kAbove ? "above" : "below"; }

Result<> check_degradation_limit(const DegradationLimit& limit) {
  if (!std::isfinite(limit.value)) {
    return invalid_argument(
        "the limit's value is not a finite number; give the level at which the part is worn out");
  }
  return check_note(limit.note);
}

Error limit_exists(const DegradationLimit& limit) {
  return already_exists("metric " + quote(limit.key.metric.str()) + " at path " +
                        quote(limit.key.path.str()) + " has a limit " +
                        std::string(to_string(limit.side)) + " already; delete that one first");
}

Error no_such_limit(std::int64_t id) {
  return not_found("degradation limit " + std::to_string(id) +
                   " does not exist; list the limits to see which do");
}

std::string model_name(const DegradationLimit& limit) {
  return "limit " + std::string(to_string(limit.side)) + " " + limit.key.metric.str();
}

}  // namespace millwright
