#!/usr/bin/env python3
"""gRPC through the gateway: Google's own server and client on both sides, every kind of call."""
import concurrent.futures
import contextlib
import queue
import threading
import unittest

from support.gateway import Gateway
from support.processes import free_port, wait_until

try:
    import grpc
except ImportError:
    raise SystemExit(77)


class Shop(grpc.GenericRpcHandler):
    """What the server does, by the name of the method; messages are bytes."""

    def __init__(self):
        self.waits = threading.Event()
        self.cancelled = threading.Event()
        self.is_open = True
        self.serving = b'\x08\x01'

    def service(self, details):
        name = details.method.rsplit('/', 1)[1]
        kinds = {
            'Echo': grpc.unary_unary_rpc_method_handler(lambda message, _: message),
            'Count': grpc.unary_stream_rpc_method_handler(self.count),
            'Sum': grpc.stream_unary_rpc_method_handler(lambda messages, _: b'%d' % sum(map(int, messages))),
            'Talk': grpc.stream_stream_rpc_method_handler(lambda messages, _: (b're: ' + m for m in messages)),
            'Fail': grpc.unary_unary_rpc_method_handler(self.fail),
            'Break': grpc.unary_stream_rpc_method_handler(self.break_off),
            'Wait': grpc.unary_unary_rpc_method_handler(self.wait),
            'Closed': grpc.unary_unary_rpc_method_handler(self.closed),
            'Metadata': grpc.unary_unary_rpc_method_handler(self.metadata),
            'Check': grpc.unary_unary_rpc_method_handler(lambda *_: self.serving),
        }
        return kinds.get(name)

    def count(self, message, _):
        for number in range(int(message)):
            yield b'%d' % number

    def fail(self, message, context):
        context.set_trailing_metadata((('x-reason', 'because'),))
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, message.decode())

    def break_off(self, _, context):
        yield b'one'
        context.abort(grpc.StatusCode.DATA_LOSS, 'the rest is gone')

    def wait(self, _, context):
        context.add_callback(self.cancelled.set)
        self.waits.set()
        self.cancelled.wait(20)
        return b''

    def closed(self, message, context):
        if not self.is_open:
            context.abort(grpc.StatusCode.UNAVAILABLE, 'come back later')
        return message

    def metadata(self, _, context):
        context.send_initial_metadata((('x-first', '1'),))
        context.set_trailing_metadata((('x-last-bin', b'\x00\xff'),))
        return repr(sorted(k for k, _ in context.invocation_metadata() if k.startswith('x-own'))).encode()


class Server:
    def __init__(self):
        self.shop = Shop()
        self.server = grpc.server(concurrent.futures.ThreadPoolExecutor(16), handlers=[self.shop],
                                  options=[('grpc.so_reuseport', 0)])
        self.port = self.server.add_insecure_port('127.0.0.1:0')
        self.server.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.stop(0).wait(20)


@contextlib.contextmanager
def gateway_to(*servers, **more):
    endpoints = [f'http://127.0.0.1:{s.port}' for s in servers]
    with Gateway(upstreams={'app': {'endpoints': endpoints, 'http2': 'always', **more.pop('upstream', {})}},
                 **more) as gateway:
        with grpc.insecure_channel(f'127.0.0.1:{gateway.port}') as channel:
            yield gateway, channel


def unary(channel, name, message=b'', **how):
    return channel.unary_unary(f'/shop.Shop/{name}')(message, timeout=20, **how)


class Calls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server())
        cls.gateway, cls.channel = cls.enterClassContext(gateway_to(cls.server))

    def test_one_message_for_one(self):
        for message in (b'', b'hello', bytes(range(256)) * 12_000):
            self.assertEqual(unary(self.channel, 'Echo', message), message)

    def test_many_messages_for_one(self):
        call = self.channel.unary_stream('/shop.Shop/Count')(b'3000', timeout=20)
        self.assertEqual([int(m) for m in call], list(range(3000)))

    def test_one_message_for_many(self):
        call = self.channel.stream_unary('/shop.Shop/Sum')
        self.assertEqual(call((b'%d' % i for i in range(3000)), timeout=20), b'%d' % sum(range(3000)))

    def test_a_conversation(self):
        said = queue.SimpleQueue()
        call = self.channel.stream_stream('/shop.Shop/Talk')(iter(said.get, None), timeout=20)
        for i in range(50):  # each is answered before the next one is said
            said.put(b'%d' % i)
            self.assertEqual(next(call), b're: %d' % i)
        said.put(None)
        self.assertEqual(list(call), [])
        self.assertEqual(call.code(), grpc.StatusCode.OK)

    def test_many_calls_at_a_time(self):
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            done = list(pool.map(lambda i: unary(self.channel, 'Echo', b'%d' % i), range(300)))
        self.assertEqual(done, [b'%d' % i for i in range(300)])

    def test_metadata_pass_both_ways(self):
        call = self.channel.unary_unary('/shop.Shop/Metadata')
        answer, state = call.with_call(b'', timeout=20, metadata=(('x-own', '1'), ('x-own-bin', b'\x00')))
        self.assertEqual(answer, b"['x-own', 'x-own-bin']")
        self.assertIn(('x-first', '1'), state.initial_metadata())
        self.assertIn(('x-last-bin', b'\x00\xff'), state.trailing_metadata())

    def test_an_error_arrives_as_it_was_said(self):
        with self.assertRaises(grpc.RpcError) as raised:
            unary(self.channel, 'Fail', b'not now')
        self.assertEqual(raised.exception.code(), grpc.StatusCode.FAILED_PRECONDITION)
        self.assertEqual(raised.exception.details(), 'not now')
        self.assertIn(('x-reason', 'because'), raised.exception.trailing_metadata())

    def test_an_error_behind_messages_arrives_behind_them(self):
        call = self.channel.unary_stream('/shop.Shop/Break')(b'', timeout=20)
        self.assertEqual(next(call), b'one')
        with self.assertRaises(grpc.RpcError):
            next(call)
        self.assertEqual((call.code(), call.details()), (grpc.StatusCode.DATA_LOSS, 'the rest is gone'))

    def test_a_method_that_is_not_there(self):
        with self.assertRaises(grpc.RpcError) as raised:
            unary(self.channel, 'Nothing')
        self.assertEqual(raised.exception.code(), grpc.StatusCode.UNIMPLEMENTED)

    def test_a_call_that_is_taken_back_is_taken_back_from_the_server(self):
        call = self.channel.unary_unary('/shop.Shop/Wait').future(b'', timeout=20)
        self.assertTrue(self.server.shop.waits.wait(10))
        call.cancel()
        self.assertTrue(self.server.shop.cancelled.wait(10))


class Failures(unittest.TestCase):
    def code_of(self, channel, name='Echo', **how):
        try:
            unary(channel, name, **how)
        except grpc.RpcError as error:
            return error.code()
        return grpc.StatusCode.OK

    def test_the_gateways_own_answers_are_statuses_of_grpc(self):
        nobody = type('Nobody', (), {'port': free_port()})
        with gateway_to(nobody) as (_, channel):
            self.assertEqual(self.code_of(channel), grpc.StatusCode.UNAVAILABLE)
        routes = [{'path': '/shop.Shop', 'to': 'app'}]
        with Server() as server, gateway_to(server, routes=routes) as (_, channel):
            self.assertEqual(self.code_of(channel), grpc.StatusCode.OK)
            with self.assertRaises(grpc.RpcError) as raised:
                channel.unary_unary('/other.Shop/Echo')(b'', timeout=20)
            self.assertEqual(raised.exception.code(), grpc.StatusCode.UNIMPLEMENTED)

    def test_a_route_that_has_too_little_time_says_so(self):
        routes = [{'to': 'app', 'timeout': '300ms'}]
        with Server() as server, gateway_to(server, routes=routes) as (_, channel):
            self.assertEqual(self.code_of(channel, 'Wait'), grpc.StatusCode.DEADLINE_EXCEEDED)
            self.assertTrue(server.shop.cancelled.wait(10))

    def test_unavailable_is_tried_elsewhere_where_the_route_says_so(self):
        routes = [{'to': 'app', 'retry': {'on': ['grpc_unavailable'], 'unsafe_methods': True}}]
        with Server() as one, Server() as other:
            one.shop.is_open = False
            with gateway_to(one, other, routes=routes) as (_, channel):
                self.assertEqual({self.code_of(channel, 'Closed') for _ in range(10)}, {grpc.StatusCode.OK})

    def test_a_server_that_stops_costs_no_call(self):
        # A server of Python's that stops refuses what comes after its GOAWAY, and answers what it had not begun with
        # CANCELLED.
        on = ['connect', 'reset', 'stream_refused', 'grpc_cancelled', 'grpc_unavailable']
        routes = [{'to': 'app', 'retry': {'on': on, 'unsafe_methods': True}}]
        with Server() as one, Server() as other, gateway_to(one, other, routes=routes) as (_, channel):
            stop = threading.Event()
            failed = []

            def call_on():
                while not stop.is_set():
                    try:
                        unary(channel, 'Echo', b'x')
                    except grpc.RpcError as error:
                        failed.append(error)

            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                for _ in range(4):
                    pool.submit(call_on)
                wait_until(lambda: unary(channel, 'Echo', b'x') == b'x', 'calls to pass')
                one.server.stop(10).wait(20)
                for _ in range(50):
                    unary(channel, 'Echo', b'x')
                stop.set()
            self.assertEqual(failed, [])


if __name__ == '__main__':
    unittest.main(verbosity=2)
