// SPDX-License-Identifier: Apache-2.0
#include "http1/wire.h"

#include <gtest/gtest.h>

#include "support/sim_pair.h"

namespace gg {
namespace {

using Part = Result<BodyPart, StreamError>;
using Kind = Framing::Kind;
using Outgoing = Http1Wire::Outgoing;

class Wire : public SimPair {
 protected:
  explicit Wire(const LinkSettings& link = LinkSettings::calm()) : SimPair(link) {
    Connected connected = connect();
    peer_ = connected.peer;
    wire_.emplace(std::make_unique<PlainStream>(std::move(connected.socket)));
  }

  SimPeer& peer() { return *peer_; }
  Http1Wire& wire() { return *wire_; }

  void come(std::string_view bytes) { wire().accept(wire().pool().copy(bytes)); }
  Part read() { return await(wire().read_body(Deadline::never())); }
  void send(std::string_view head, const BodyPart& part) {
    ASSERT_TRUE(await(wire().send(wire().pool().copy(head), part, Deadline::never())));
    pass();
  }

 private:
  SimPeer* peer_ = nullptr;
  std::optional<Http1Wire> wire_;
};

class WireByteByByte : public Wire {
 protected:
  WireByteByByte() : Wire(LinkSettings{.every_byte = true}) {}
};

// Input.

TEST_F(Wire, WhatCameIsUnreadUntilItIsConsumed) {
  come("abc");
  come("def");
  EXPECT_EQ(wire().unread(), "abcdef");

  wire().consume(4);
  EXPECT_EQ(wire().unread(), "ef");
  EXPECT_EQ(wire().bytes_read(), 6U);

  wire().consume(2);
  EXPECT_EQ(engine().buffers().bytes_lent(), 0U);
}

TEST_F(Wire, ManySmallArrivalsGrowOneBlock) {
  std::string all;
  for (int i = 0; i < 1000; ++i) {
    come("0123456789");
    all += "0123456789";
  }

  EXPECT_EQ(wire().unread(), all);
  EXPECT_LE(engine().buffers().bytes_lent(), 32768U);
}

TEST_F(Wire, ALittleInputLeavesALargeBlock) {
  Chunk large = wire().pool().take(131072);
  large.append("abc");
  wire().accept(std::move(large));

  wire().compact();

  EXPECT_EQ(wire().unread(), "abc");
  EXPECT_LE(engine().buffers().bytes_lent(), 256U);
}

TEST_F(Wire, AFullBlockIsNotCopiedToCompactIt) {
  Chunk large = wire().pool().take(131072);
  large.append(std::string(100'000, 'x'));
  wire().accept(std::move(large));
  const char* before = wire().unread().data();

  wire().compact();

  EXPECT_EQ(wire().unread().data(), before);
}

// Bodies in.

TEST_F(Wire, ABodyOfKnownLengthEndsThereAndLeavesTheRest) {
  wire().expect_body({.kind = Kind::length, .length = 5});
  come("abcdefgh");

  Part part = read();

  EXPECT_EQ(part->bytes, "abcde");
  EXPECT_TRUE(part->last);
  EXPECT_TRUE(wire().body_is_complete());
  EXPECT_EQ(wire().unread(), "fgh");
  EXPECT_EQ(wire().body_read(), 5U);
}

TEST_F(Wire, ABodyOfNoBytesIsCompleteAtOnce) {
  wire().expect_body({.kind = Kind::length, .length = 0});

  EXPECT_TRUE(wire().body_is_complete());
  EXPECT_TRUE(wire().body_is_ready());
}

TEST_F(Wire, AChunkedBodyIsReadWithoutItsFrames) {
  wire().expect_body({.kind = Kind::chunked});
  come("3\r\nabc\r\n1;x=y\r\nd\r\n0\r\nDigest: e\r\n\r\nnext");

  EXPECT_EQ(read()->bytes, "abc");
  EXPECT_EQ(read()->bytes, "d");
  Part last = read();

  EXPECT_TRUE(last->last);
  ASSERT_NE(last->trailers, nullptr);
  EXPECT_EQ(last->trailers->find("digest")->value, "e");
  EXPECT_EQ(wire().unread(), "next");
  EXPECT_EQ(wire().body_read(), 4U);
}

TEST_F(WireByteByByte, AChunkedBodyIsReadHoweverItIsCut) {
  wire().expect_body({.kind = Kind::chunked});
  peer().say("3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n");

  std::string body;
  for (Part part = read();; part = read()) {
    ASSERT_TRUE(part.has_value());
    body += part->bytes;
    if (part->last) break;
  }

  EXPECT_EQ(body, "abcdefg");
}

TEST_F(Wire, ABadChunkSizeEndsTheBody) {
  wire().expect_body({.kind = Kind::chunked});
  come("3\r\nabc\r\nzz\r\n");

  EXPECT_EQ(read()->bytes, "abc");
  Part part = read();

  ASSERT_FALSE(part.has_value());
  EXPECT_EQ(part.error().message, MessageError::bad_chunk_size);
}

TEST_F(Wire, ABodyUntilTheCloseEndsWithAnEmptyPart) {
  wire().expect_body({.kind = Kind::until_close});
  peer().say("abc");
  EXPECT_EQ(read()->bytes, "abc");
  peer().close();

  Part part = read();

  EXPECT_TRUE(part->last);
  EXPECT_EQ(part->bytes, "");
}

TEST_F(Wire, AnInterruptedReadLosesNothing) {
  wire().expect_body({.kind = Kind::length, .length = 6});
  std::optional<Part> part;
  begin(wire().read_body(Deadline::never()), part);
  wire().interrupt_reading();
  pass();
  ASSERT_TRUE(part.has_value() && !part->has_value());
  EXPECT_EQ(part->error().io.kind, IoError::Kind::cancelled);

  peer().say("abcdef");

  EXPECT_EQ(read()->bytes, "abcdef");
}

TEST_F(Wire, AReadHasADeadline) {
  wire().expect_body({.kind = Kind::length, .length = 6});

  Part part = await(wire().read_body(Deadline::after(engine().now(), 5s)));

  ASSERT_FALSE(part.has_value());
  EXPECT_EQ(part.error().io.kind, IoError::Kind::deadline);
}

// Bodies out.

TEST_F(Wire, ASmallBodyLeavesWithItsHead) {
  wire().begin_body(Outgoing::length, 3);
  std::uint64_t sends = engine().counters().sends;

  send("head:", {.bytes = "abc", .last = true});

  EXPECT_EQ(peer().heard(), "head:abc");
  EXPECT_EQ(engine().counters().sends, sends + 1);
  EXPECT_TRUE(wire().body_is_sent());
  EXPECT_EQ(wire().body_sent(), 3U);
  EXPECT_EQ(wire().bytes_written(), 8U);
}

TEST_F(Wire, AChunkedBodyIsFramedPartByPart) {
  wire().begin_body(Outgoing::chunked);

  send("", {.bytes = "abc"});
  send("", {.bytes = "d", .last = true});

  EXPECT_EQ(peer().heard(), "3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n");
  EXPECT_EQ(wire().body_sent(), 4U);
}

TEST_F(Wire, AnEmptyPartIsNoLastChunk) {
  wire().begin_body(Outgoing::chunked);

  send("", {.bytes = ""});
  EXPECT_EQ(peer().heard(), "");
  EXPECT_FALSE(wire().body_is_sent());

  send("", {.bytes = "", .last = true});
  EXPECT_EQ(peer().heard(), "0\r\n\r\n");
}

TEST_F(Wire, TrailersFollowTheLastChunk) {
  Field fields[] = {{.name = "Digest", .value = "e"}};
  Fields trailers;
  trailers.adopt({}, fields);
  wire().begin_body(Outgoing::chunked);

  send("", {.bytes = "", .last = true, .trailers = &trailers});

  EXPECT_EQ(peer().heard(), "0\r\nDigest: e\r\n\r\n");
}

TEST_F(Wire, ARawBodyEndsWithTheSending) {
  wire().begin_body(Outgoing::raw);

  send("", {.bytes = "abc"});
  EXPECT_FALSE(peer().saw_end());
  send("", {.bytes = "", .last = true});

  EXPECT_EQ(peer().heard(), "abc");
  EXPECT_TRUE(peer().saw_end());
}

TEST_F(Wire, ABreakIsVisibleOnlyWhereAnEndIsMarked) {
  wire().begin_body(Outgoing::length, 3);
  EXPECT_TRUE(wire().break_is_visible());
  wire().begin_body(Outgoing::chunked);
  EXPECT_TRUE(wire().break_is_visible());
  wire().begin_body(Outgoing::raw);
  EXPECT_FALSE(wire().break_is_visible());
  wire().begin_body(Outgoing::length, 0);
  EXPECT_FALSE(wire().break_is_visible());
}

TEST_F(Wire, AFailedSendCountsWhatLeft) {
  wire().begin_body(Outgoing::raw);
  peer().reset();
  pass();

  Result<void, StreamError> sent = await(wire().send({}, {.bytes = "abc"}, Deadline::never()));

  ASSERT_FALSE(sent.has_value());
  EXPECT_EQ(wire().bytes_written(), 0U);
}

}  // namespace
}  // namespace gg
