#pragma once
/// The head of an HTTP/1.1 request, read strictly: what two parsers could read in two ways is
/// refused, so that no proxy in front can be led to see another request than we do.
///
/// Refused: bare LF or CR, a fold, a space before the colon or around the request line, characters
/// outside the token set in names, control characters in values, Content-Length twice, not decimal
/// or beside Transfer-Encoding, any Transfer-Encoding but one "chunked", no or two Host headers,
/// versions other than 1.0 and 1.1. Pure; any thread. Source: RFC 9112, sections 2 to 7.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "transport/http/message.h"

namespace millwright::http {

struct Head {
  std::string method;
  std::string target;  ///< as sent
  int minor_version = 1;
  Headers headers;  ///< names in lower case
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
  bool keep_alive = true;
  bool expect_continue = false;
  bool upgrade_websocket = false;

  std::string_view header(std::string_view lower_case_name) const;
};

/// `bytes`: everything up to and with the empty line. Errors: kInvalidArgument with a sentence.
Result<Head> parse_head(std::string_view bytes);

/// Decodes a chunked body as its bytes arrive. Strict: CRLF only, sizes of at most 8 hex digits,
/// extensions and trailers are read over but bounded.
class ChunkedDecoder {
 public:
  enum class State { kMore, kDone, kBad, kTooLarge };

  explicit ChunkedDecoder(std::size_t max_body) : max_body_(max_body) {}
  /// Takes bytes from the front of `input` (which shrinks) and appends to `body`.
  State feed(std::string_view& input, std::string& body);

 private:
  enum class Expect { kSize, kData, kDataEnd, kTrailer };
  /// The next line without its CRLF, when it is complete.
  std::optional<std::string_view> line(std::string_view& input);

  std::size_t max_body_;
  Expect expect_ = Expect::kSize;
  std::size_t left_ = 0;        // bytes of the current chunk still to come
  std::size_t line_bytes_ = 0;  // of size lines and trailers, over the whole body
  std::string partial_;         // a line that has not ended yet
  bool bad_ = false;
};

}  // namespace millwright::http
