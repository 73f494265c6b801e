// SPDX-License-Identifier: Apache-2.0
#include "proxy/grpc.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

TEST(Grpc, IsKnownByTheTypeOfItsRequests) {
  EXPECT_TRUE(is_grpc_type("application/grpc"));
  EXPECT_TRUE(is_grpc_type("application/grpc+proto"));
  EXPECT_TRUE(is_grpc_type("Application/gRPC; charset=x"));
  EXPECT_FALSE(is_grpc_type("application/grpc-web+proto"));
  EXPECT_FALSE(is_grpc_type("application/grpcx"));
  EXPECT_FALSE(is_grpc_type("application/json"));
  EXPECT_FALSE(is_grpc_type(""));
}

TEST(Grpc, StatusesOfHttpBecomeThoseItsClientsWouldMakeOfThem) {
  EXPECT_EQ(grpc_status_of(Fault::request_malformed, 400), GrpcStatus::internal);
  EXPECT_EQ(grpc_status_of(Fault::none, 401), GrpcStatus::unauthenticated);
  EXPECT_EQ(grpc_status_of(Fault::access_denied, 403), GrpcStatus::permission_denied);
  EXPECT_EQ(grpc_status_of(Fault::no_route, 404), GrpcStatus::unimplemented);
  EXPECT_EQ(grpc_status_of(Fault::rate_limited, 429), GrpcStatus::unavailable);
  EXPECT_EQ(grpc_status_of(Fault::connect_refused, 502), GrpcStatus::unavailable);
  EXPECT_EQ(grpc_status_of(Fault::queue_full, 503), GrpcStatus::unavailable);
  EXPECT_EQ(grpc_status_of(Fault::head_timeout, 504), GrpcStatus::unavailable);
  EXPECT_EQ(grpc_status_of(Fault::loop_detected, 508), GrpcStatus::unknown);
}

TEST(Grpc, ADeadlineIsCalledByItsName) {
  EXPECT_EQ(grpc_status_of(Fault::exchange_deadline, 504), GrpcStatus::deadline_exceeded);
}

TEST(Grpc, ANumberStandsForEachStatus) {
  for (GrpcStatus status :
       {GrpcStatus::unknown, GrpcStatus::deadline_exceeded, GrpcStatus::permission_denied,
        GrpcStatus::unimplemented, GrpcStatus::internal, GrpcStatus::unavailable,
        GrpcStatus::unauthenticated}) {
    EXPECT_EQ(text_of(status), std::to_string(static_cast<int>(status)));
  }
}

}  // namespace
}  // namespace gg
