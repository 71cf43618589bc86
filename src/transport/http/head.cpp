#include "transport/http/head.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace millwright::http {
namespace {

constexpr std::size_t kMaxHeaders = 100;
constexpr std::size_t kMaxChunkLine = 256;
constexpr std::size_t kMaxChunkLines = 64 * 1024;

bool is_token_char(char c) {
  const bool alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return alnum || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char);
}

bool is_value_char(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return c == '\t' || (byte >= 0x20 && byte != 0x7f);
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Whether a comma-separated list holds the token, whatever its case.
bool lists(std::string_view value, std::string_view token) {
  while (true) {
    const auto comma = value.find(',');
    if (lower(trim(value.substr(0, comma))) == token) return true;
    if (comma == std::string_view::npos) return false;
    value.remove_prefix(comma + 1);
  }
}

Error malformed(const std::string& what) {
  return invalid_argument("malformed HTTP request: " + what);
}

/// The next line; the caller knows that the head ends with CRLF CRLF.
Result<std::string_view> take_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  if (end == std::string_view::npos || end == 0 || rest[end - 1] != '\r') {
    return malformed("a line does not end with CR LF");
  }
  const std::string_view line = rest.substr(0, end - 1);
  if (line.find('\r') != std::string_view::npos) return malformed("a CR stands inside a line");
  rest.remove_prefix(end + 1);
  return line;
}

Result<> parse_request_line(std::string_view line, Head& head) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) {
    return malformed("the request line is not METHOD TARGET VERSION: " + quote(line));
  }
  head.method = line.substr(0, first);
  head.target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (!is_token(head.method)) return malformed("the method is no token: " + quote(head.method));
  const bool plain = std::all_of(head.target.begin(), head.target.end(),
                                 [](char c) { return c > 0x20 && c < 0x7f; });
  if (head.target.empty() || !plain) {
    return malformed("the target has spaces or characters outside ASCII: " + quote(head.target));
  }
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    return malformed("version " + quote(version) + " is not HTTP/1.1");
  }
  head.minor_version = version.back() - '0';
  return {};
}

Result<> parse_field(std::string_view line, Head& head) {
  if (line.front() == ' ' || line.front() == '\t') {
    return malformed("a header is folded over two lines");
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return malformed("a header has no colon: " + quote(line));
  const std::string_view name = line.substr(0, colon);
  if (!is_token(name)) return malformed("a header's name is no token: " + quote(name));
  const std::string_view value = trim(line.substr(colon + 1));
  if (!std::all_of(value.begin(), value.end(), is_value_char)) {
    return malformed("header " + quote(name) + " has control characters");
  }
  if (head.headers.size() == kMaxHeaders) return malformed("more than 100 headers");
  head.headers.emplace_back(lower(name), std::string(value));
  return {};
}

Result<> read_framing(Head& head) {
  bool has_encoding = false;
  std::size_t hosts = 0;
  for (const auto& [name, value] : head.headers) {
    if (name == "host") ++hosts;
    if (name == "transfer-encoding") {
      if (has_encoding || lower(value) != "chunked") {
        return malformed("Transfer-Encoding " + quote(value) + "; only one 'chunked' is taken");
      }
      has_encoding = true;
    }
    if (name == "content-length") {
      if (head.content_length) return malformed("Content-Length stands twice");
      std::uint64_t length = 0;
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
      if (error != std::errc() || end != value.data() + value.size() || value.size() > 18) {
        return malformed("Content-Length " + quote(value) + " is no decimal number");
      }
      head.content_length = length;
    }
  }
  if (has_encoding && head.content_length) {
    return malformed("Content-Length stands beside Transfer-Encoding");
  }
  if (has_encoding && head.minor_version == 0) {
    return malformed("Transfer-Encoding in HTTP/1.0");
  }
  if (hosts > 1 || (hosts == 0 && head.minor_version == 1)) {
    return malformed("there must be exactly one Host header");
  }
  head.chunked = has_encoding;
  return {};
}

}  // namespace

std::string_view Head::header(std::string_view lower_case_name) const {
  for (const auto& [name, value] : headers) {
    if (name == lower_case_name) return value;
  }
  return {};
}

Result<Head> parse_head(std::string_view bytes) {
  Head head;
  MW_ASSIGN(const std::string_view request_line, take_line(bytes));
  MW_TRY(parse_request_line(request_line, head));
  while (true) {
    MW_ASSIGN(const std::string_view line, take_line(bytes));
    if (line.empty()) break;
    MW_TRY(parse_field(line, head));
  }
  if (!bytes.empty()) return malformed("there are bytes after the head");
  MW_TRY(read_framing(head));
  const std::string_view connection = head.header("connection");
  head.keep_alive = head.minor_version == 1 && !lists(connection, "close");
  head.expect_continue = lower(head.header("expect")) == "100-continue";
  head.upgrade_websocket =
      lists(connection, "upgrade") && lower(head.header("upgrade")) == "websocket";
  return head;
}

std::optional<std::string_view> ChunkedDecoder::line(std::string_view& input) {
  const auto end = input.find('\n');
  const auto taken = input.substr(0, end == std::string_view::npos ? input.size() : end + 1);
  partial_ += taken;
  line_bytes_ += taken.size();
  input.remove_prefix(taken.size());
  if (partial_.size() > kMaxChunkLine || line_bytes_ > kMaxChunkLines) bad_ = true;
  if (end == std::string_view::npos || bad_) return std::nullopt;
  if (partial_.size() < 2 || partial_[partial_.size() - 2] != '\r') {
    bad_ = true;
    return std::nullopt;
  }
  return std::string_view(partial_).substr(0, partial_.size() - 2);
}

ChunkedDecoder::State ChunkedDecoder::feed(std::string_view& input, std::string& body) {
  while (true) {
    if (expect_ == Expect::kData) {
      const std::string_view data = input.substr(0, left_);
      body += data;
      left_ -= data.size();
      input.remove_prefix(data.size());
      if (left_ > 0) return State::kMore;
      expect_ = Expect::kDataEnd;
    }
    const auto text = line(input);
    if (bad_) return State::kBad;
    if (!text) return State::kMore;
    if (expect_ == Expect::kDataEnd) {
      if (!text->empty()) return State::kBad;
      expect_ = Expect::kSize;
    } else if (expect_ == Expect::kTrailer) {
      if (text->empty()) return State::kDone;
    } else {
      const std::string_view digits = text->substr(0, text->find(';'));
      std::uint64_t size = 0;
      const auto [end, error] =
          std::from_chars(digits.data(), digits.data() + digits.size(), size, 16);
      if (digits.empty() || digits.size() > 8 || error != std::errc() ||
          end != digits.data() + digits.size()) {
        return State::kBad;
      }
      if (size > max_body_ - body.size()) return State::kTooLarge;
      left_ = size;
      expect_ = size == 0 ? Expect::kTrailer : Expect::kData;
    }
    partial_.clear();
  }
}

}  // namespace millwright::http
