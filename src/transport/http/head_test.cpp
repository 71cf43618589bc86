#include "transport/http/head.h"

#include <gtest/gtest.h>

namespace millwright::http {
namespace {

struct Case {
  const char* name;
  std::string bytes;
};

TEST(Head, AnOrdinaryRequestIsRead) {
  const auto head = parse_head(
      "POST /a?b=c HTTP/1.1\r\nHost: h:1\r\nContent-Length: 12\r\nX-Thing:  two words \r\n\r\n");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->method, "POST");
  EXPECT_EQ(head->target, "/a?b=c");
  EXPECT_EQ(head->content_length, 12U);
  EXPECT_EQ(head->header("x-thing"), "two words");
  EXPECT_TRUE(head->keep_alive);
}

TEST(Head, WhatTwoParsersCouldReadInTwoWaysIsRefused) {
  const std::string host = "Host: h\r\n";
  const std::vector<Case> cases{
      {"two lengths",
       "POST / HTTP/1.1\r\n" + host + "Content-Length: 1\r\nContent-Length: 1\r\n\r\n"},
      {"length and chunked",
       "POST / HTTP/1.1\r\n" + host + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {"chunked and length",
       "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n"},
      {"signed length", "POST / HTTP/1.1\r\n" + host + "Content-Length: +1\r\n\r\n"},
      {"negative length", "POST / HTTP/1.1\r\n" + host + "Content-Length: -1\r\n\r\n"},
      {"list of lengths", "POST / HTTP/1.1\r\n" + host + "Content-Length: 1, 1\r\n\r\n"},
      {"hexadecimal length", "POST / HTTP/1.1\r\n" + host + "Content-Length: 0x1\r\n\r\n"},
      {"empty length", "POST / HTTP/1.1\r\n" + host + "Content-Length:\r\n\r\n"},
      {"endless length",
       "POST / HTTP/1.1\r\n" + host + "Content-Length: 99999999999999999999\r\n\r\n"},
      {"identity", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: identity\r\n\r\n"},
      {"gzip, chunked", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: gzip, chunked\r\n\r\n"},
      {"chunked twice", "POST / HTTP/1.1\r\n" + host +
                            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {"chunked with a tail", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: xchunked\r\n\r\n"},
      {"chunked in 1.0", "POST / HTTP/1.0\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n"},
      {"space before colon", "GET / HTTP/1.1\r\n" + host + "Content-Length : 1\r\n\r\n"},
      {"fold with space", "GET / HTTP/1.1\r\n" + host + "X: a\r\n b\r\n\r\n"},
      {"fold with tab", "GET / HTTP/1.1\r\n" + host + "X: a\r\n\tb\r\n\r\n"},
      {"fold first", "GET / HTTP/1.1\r\n " + host + "\r\n"},
      {"bare LF", "GET / HTTP/1.1\n" + host + "\r\n"},
      {"bare LF in headers", "GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n"},
      {"bare CR", "GET / HTTP/1.1\r\nHost: h\rX: y\r\n\r\n"},
      {"NUL in a value", "GET / HTTP/1.1\r\n" + host + std::string("X: a\0b\r\n\r\n", 10)},
      {"no name", "GET / HTTP/1.1\r\n" + host + ": x\r\n\r\n"},
      {"no colon", "GET / HTTP/1.1\r\n" + host + "X\r\n\r\n"},
      {"odd name", "GET / HTTP/1.1\r\n" + host + "X(y): z\r\n\r\n"},
      {"no host", "GET / HTTP/1.1\r\n\r\n"},
      {"two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"},
      {"HTTP/2", "GET / HTTP/2.0\r\n" + host + "\r\n"},
      {"no version", "GET /\r\n" + host + "\r\n"},
      {"lower-case version", "GET / http/1.1\r\n" + host + "\r\n"},
      {"two spaces", "GET  / HTTP/1.1\r\n" + host + "\r\n"},
      {"space in target", "GET /a b HTTP/1.1\r\n" + host + "\r\n"},
      {"space first", " GET / HTTP/1.1\r\n" + host + "\r\n"},
      {"empty line first", "\r\nGET / HTTP/1.1\r\n" + host + "\r\n"},
      {"bytes outside ASCII in the target", "GET /\xc3\xa4 HTTP/1.1\r\n" + host + "\r\n"},
      {"odd method", "G(T / HTTP/1.1\r\n" + host + "\r\n"},
  };
  for (const Case& c : cases) {
    const auto head = parse_head(c.bytes);
    ASSERT_FALSE(head) << c.name;
    EXPECT_EQ(head.error().code, ErrorCode::kInvalidArgument) << c.name;
  }
}

TEST(Head, AHundredAndOneHeadersAreTooMany) {
  std::string bytes = "GET / HTTP/1.1\r\nHost: h\r\n";
  for (int i = 0; i < 99; ++i) bytes += "X: y\r\n";
  EXPECT_TRUE(parse_head(bytes + "\r\n"));
  EXPECT_FALSE(parse_head(bytes + "X: y\r\n\r\n"));
}

/// Feeds byte by byte: the cut must not matter.
ChunkedDecoder::State decode(std::string_view bytes, std::string& body, std::size_t most = 100) {
  ChunkedDecoder decoder(most);
  auto state = ChunkedDecoder::State::kMore;
  for (std::size_t i = 0; i < bytes.size() && state == ChunkedDecoder::State::kMore; ++i) {
    std::string_view one = bytes.substr(i, 1);
    state = decoder.feed(one, body);
  }
  return state;
}

TEST(ChunkedDecoder, ReadsChunksExtensionsAndTrailers) {
  std::string body;
  EXPECT_EQ(decode("3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n", body),
            ChunkedDecoder::State::kDone);
  EXPECT_EQ(body, "abc0123456789");
}

TEST(ChunkedDecoder, LeavesTheNextRequestAlone) {
  ChunkedDecoder decoder(100);
  std::string_view input = "1\r\na\r\n0\r\n\r\nGET /";
  std::string body;
  EXPECT_EQ(decoder.feed(input, body), ChunkedDecoder::State::kDone);
  EXPECT_EQ(input, "GET /");
}

TEST(ChunkedDecoder, RefusesWhatIsNotStrict) {
  for (const std::string_view bad :
       {"\r\n", "g\r\n", "-1\r\n", "0x1\r\n", " 1\r\n", "1 \r\n", "1\na\r\n", "1\r\nab\r\n",
        "1\r\na\n", "100000000\r\n", ";x\r\n"}) {
    std::string body;
    EXPECT_EQ(decode(bad, body), ChunkedDecoder::State::kBad) << bad;
  }
  std::string body;
  EXPECT_EQ(decode("1\r\n" + std::string("a\r\n0\r\n") + std::string(1000, 'x'), body),
            ChunkedDecoder::State::kBad);
}

TEST(ChunkedDecoder, StopsAtTheLimit) {
  std::string body;
  EXPECT_EQ(decode("5\r\n01234\r\n5\r\n01234\r\n0\r\n\r\n", body, 10),
            ChunkedDecoder::State::kDone);
  body.clear();
  EXPECT_EQ(decode("5\r\n01234\r\n6\r\n", body, 10), ChunkedDecoder::State::kTooLarge);
  body.clear();
  EXPECT_EQ(decode("ffffffff\r\n", body, 10), ChunkedDecoder::State::kTooLarge);
}

}  // namespace
}  // namespace millwright::http
