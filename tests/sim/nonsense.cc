// SPDX-License-Identifier: Apache-2.0
#include "sim/nonsense.h"

#include <vector>

namespace gg {

namespace {

using namespace std::string_view_literals;

constexpr std::string_view for_clients[] = {
    // Other protocols, and nothing at all.
    "SSH-2.0-OpenSSH_9.2p1\r\n"sv,
    "220 mail.example ESMTP\r\n"sv,
    "\x15\x03\x01\x00\x02\x02\x28"sv,
    "\x00\x00\x12\x04\x00\x00\x00\x00\x00"sv,
    "-ERR unknown command\r\n"sv,
    "<html><body>It works!</body></html>\n"sv,
    "\r\n\r\n"sv,
    "\0\0\0\0"sv,
    // Status lines.
    "HTTP/1.1 200\tOK\r\n\r\n"sv,
    "HTTP/1.1 2000 OK\r\n\r\n"sv,
    "HTTP/1.1 20 OK\r\n\r\n"sv,
    "HTTP/1.1 099 OK\r\n\r\n"sv,
    "HTTP/1.1 abc OK\r\n\r\n"sv,
    "HTTP/1.1  200 OK\r\n\r\n"sv,
    "HTTP/2.0 200 OK\r\n\r\n"sv,
    "HTTP/1.12 200 OK\r\n\r\n"sv,
    "HTTP/1 200 OK\r\n\r\n"sv,
    "http/1.1 200 OK\r\n\r\n"sv,
    " HTTP/1.1 200 OK\r\n\r\n"sv,
    "HTTP/1.1 200 O\x01K\r\n\r\n"sv,
    "HTTP/1.1 200 O\0K\r\n\r\n"sv,
    // Fields.
    "HTTP/1.1 200 OK\r\nbad name: x\r\n\r\n"sv,
    "HTTP/1.1 200 OK\r\nno-colon\r\n\r\n"sv,
    "HTTP/1.1 200 OK\r\n: no-name\r\n\r\n"sv,
    "HTTP/1.1 200 OK\r\nspace-before : x\r\n\r\n"sv,
    "HTTP/1.1 200 OK\r\nx: a\r\n folded\r\n\r\n"sv,
    "HTTP/1.1 200 OK\r\n folded-first: x\r\n\r\n"sv,
    "HTTP/1.1 200 OK\r\nx: a\0b\r\n\r\n"sv,
    "HTTP/1.1 200 OK\r\nx: a\rb\r\n\r\n"sv,
    "HTTP/1.1 200 OK\r\nx\x7f: a\r\n\r\n"sv,
    "HTTP/1.1 200 OK\r\n\xc3\xa9: a\r\n\r\n"sv,
    // Framing.
    "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello"sv,
    "HTTP/1.1 200 OK\r\ncontent-length: 5, 6\r\n\r\nhello"sv,
    "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"sv,
    "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked, chunked\r\n\r\n"sv,
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked, gzip\r\n\r\n"sv,
    "HTTP/1.1 200 OK\r\ntransfer-encoding: xchunked\r\n\r\n0\r\n\r\n"sv,
    "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n"sv,
    "HTTP/1.1 200 OK\r\ncontent-length: +5\r\n\r\nhello"sv,
    "HTTP/1.1 200 OK\r\ncontent-length: 0x5\r\n\r\nhello"sv,
    "HTTP/1.1 200 OK\r\ncontent-length: 5 5\r\n\r\nhello"sv,
    "HTTP/1.1 200 OK\r\ncontent-length:\r\n\r\n"sv,
    "HTTP/1.1 200 OK\r\ncontent-length: 18446744073709551616\r\n\r\n"sv,
    // Chunks.
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\nhello\r\n0\r\n\r\n"sv,
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n"sv,
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5hello\r\n0\r\n\r\n"sv,
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhelloX\n0\r\n\r\n"sv,
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n10000000000000000\r\nh"sv,
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n"sv,
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\nbad trailer: x\r\n\r\n"sv,
    // Good as far as it goes.
    "H"sv,
    "HTTP/1.1 200 OK"sv,
    "HTTP/1.1 200 OK\r\n"sv,
    "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhell"sv,
    "HTTP/1.1 103 Early Hints\r\n\r\n"sv,
    // Not asked for.
    "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"sv,
};

std::vector<ClientNonsense> make_client_nonsense() {
  const std::string get = "GET / HTTP/1.1\r\nhost: a\r\n";
  const std::string post = "POST / HTTP/1.1\r\nhost: a\r\n";
  const std::string ambiguous = post + "x-sim-ambiguous: yes\r\n";
  const std::string broken = post + "x-sim-broken: yes\r\n";
  return {
      // Ambiguous: two readers may see two different requests.
      {ambiguous + "content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /2"},
      {ambiguous + "content-length: 5\r\ncontent-length: 6\r\n\r\nhello!"},
      {ambiguous + "transfer-encoding: xchunked\r\n\r\n0\r\n\r\n"},
      {ambiguous + "transfer-encoding : chunked\r\n\r\n0\r\n\r\n"},
      {ambiguous + "transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n"},
      {ambiguous + "content-length: +5\r\n\r\nhello"},
      {ambiguous + "x: a\r\n content-length: 5\r\n\r\nhello"},
      {ambiguous + "x: a\rcontent-length: 5\r\n\r\nhello"},
      {ambiguous + "host: b\r\ncontent-length: 0\r\n\r\n"},
      // Broken off: half a request, which must not become a whole one on its way.
      {broken + "content-length: 10\r\n\r\nhello", true},
      {broken + "transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n", true},
      {broken + "transfer-encoding: chunked\r\n\r\n5\r\nhel", true},
      {broken + "transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", true},
      {broken + "transfer-encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n"},
      {broken + "transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n", false},
      {broken + "content-length: 10\r\n\r\nhello", false},
      // No requests, and requests for nothing that is here.
      {std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11)},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
      {std::string("\0\0\0\0", 4)},
      {"GET / HTTP/1.1\r\nho"},
      {"GET / HTTP/1.1\r\nho", true},
      {"GET / HTTP/1.1\r\n\r\n"},
      {"GET /" + std::string(20'000, 'x') + " HTTP/1.1\r\nhost: a\r\n\r\n"},
      {get + "x: " + std::string(70'000, 'x') + "\r\n\r\n"},
      {"TRACE / HTTP/1.1\r\nhost: a\r\n\r\n"},
      {"CONNECT a:80 HTTP/1.1\r\nhost: a:80\r\n\r\n"},
      {"GET / HTTP/3.0\r\nhost: a\r\n\r\n"},
      {get + "expect: miracles\r\n\r\n"},
      {"", true},
      {"\r\n\r\n", true},
      // Sound, and more than one at a time; then no more interest.
      {get + "\r\n" + get + "\r\n" + get + "\r\n", true},
      {get + "\r\n", true},
  };
}

}  // namespace

std::span<const std::string_view> origin_nonsense() { return for_clients; }

std::span<const ClientNonsense> client_nonsense() {
  static const std::vector<ClientNonsense> all = make_client_nonsense();
  return all;
}

}  // namespace gg
