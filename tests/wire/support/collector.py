"""An OpenTelemetry collector that takes nothing but what the published schema allows.

The messages are those of opentelemetry-proto v1 (collector/trace/v1, trace/v1, resource/v1, common/v1). A field that is
not in them, of another type, or twice where once is meant, is a failure; so is a span that breaks what their comments or
the semantic conventions for HTTP ask for.
"""
import dataclasses
import http.server
import struct
import threading

# Field number: (name, type, is it repeated?). A type is a message's name, or a scalar's.
SCHEMA = {
    'ExportTraceServiceRequest': {1: ('resource_spans', 'ResourceSpans', True)},
    'ResourceSpans': {1: ('resource', 'Resource', False), 2: ('scope_spans', 'ScopeSpans', True),
                      3: ('schema_url', 'string', False)},
    'Resource': {1: ('attributes', 'KeyValue', True), 2: ('dropped_attributes_count', 'uint32', False)},
    'ScopeSpans': {1: ('scope', 'InstrumentationScope', False), 2: ('spans', 'Span', True),
                   3: ('schema_url', 'string', False)},
    'InstrumentationScope': {1: ('name', 'string', False), 2: ('version', 'string', False),
                             3: ('attributes', 'KeyValue', True), 4: ('dropped_attributes_count', 'uint32', False)},
    'Span': {1: ('trace_id', 'bytes', False), 2: ('span_id', 'bytes', False), 3: ('trace_state', 'string', False),
             4: ('parent_span_id', 'bytes', False), 5: ('name', 'string', False), 6: ('kind', 'enum', False),
             7: ('start_time_unix_nano', 'fixed64', False), 8: ('end_time_unix_nano', 'fixed64', False),
             9: ('attributes', 'KeyValue', True), 10: ('dropped_attributes_count', 'uint32', False),
             15: ('status', 'Status', False), 16: ('flags', 'fixed32', False)},
    'Status': {2: ('message', 'string', False), 3: ('code', 'enum', False)},
    'KeyValue': {1: ('key', 'string', False), 2: ('value', 'AnyValue', False)},
    'AnyValue': {1: ('string_value', 'string', False), 2: ('bool_value', 'bool', False),
                 3: ('int_value', 'int64', False), 4: ('double_value', 'double', False)},
}
WIRE_TYPES = {'string': 2, 'bytes': 2, 'enum': 0, 'uint32': 0, 'int64': 0, 'bool': 0, 'fixed64': 1, 'double': 1,
              'fixed32': 5}
SERVER, CLIENT = 2, 3
ERROR = 2
# The attributes that a span may have, and their types.
ATTRIBUTES = {
    'client.address': str, 'error.type': str, 'http.request.body.size': int, 'http.request.method': str,
    'http.request.method_original': str, 'http.request.resend_count': int, 'http.response.body.size': int,
    'http.response.status_code': int, 'http.route': str, 'network.peer.address': str, 'network.protocol.version': str,
    'server.address': str, 'server.port': int, 'url.path': str, 'url.query': str, 'url.scheme': str,
    'user_agent.original': str,
    'goodgate.attempt.hedge': bool, 'goodgate.attempt.lost': bool, 'goodgate.attempts': int,
    'goodgate.connection.id': int, 'goodgate.connection.reused': bool, 'goodgate.fault.id': str,
    'goodgate.request.id': str, 'goodgate.rescued_from': str, 'goodgate.upstream': str,
}
REQUIRED = {SERVER: {'http.request.method', 'url.path', 'url.scheme'}, CLIENT: {'http.request.method', 'server.address'}}


def take_varint(data, at):
    value = 0
    for i in range(10):
        byte = data[at + i]
        value |= (byte & 0x7f) << (7 * i)
        if byte < 0x80:
            return value, at + i + 1
    raise ValueError('a number without an end')


def take_value(data, at, wire):
    if wire == 0:
        return take_varint(data, at)
    if wire == 2:
        size, at = take_varint(data, at)
        if at + size > len(data):
            raise ValueError('a length beyond the end')
        return data[at:at + size], at + size
    form = {1: '<Q', 5: '<I'}[wire]
    return struct.unpack_from(form, data, at)[0], at + struct.calcsize(form)


def decode(data, message):
    """The message as {field: value or [values]}."""
    found = {name: [] for name, _, repeated in SCHEMA[message].values() if repeated}
    at = 0
    while at < len(data):
        tag, at = take_varint(data, at)
        if tag >> 3 not in SCHEMA[message]:
            raise ValueError(f'{message} has no field {tag >> 3}')
        name, kind, repeated = SCHEMA[message][tag >> 3]
        if tag & 7 != WIRE_TYPES.get(kind, 2):
            raise ValueError(f'{message}.{name} is a {kind}, not of wire type {tag & 7}')
        value, at = take_value(data, at, tag & 7)
        if kind in SCHEMA:
            value = decode(value, kind)
        elif kind == 'string':
            value = value.decode('utf-8')
        elif kind == 'bool':
            value = bool(value)
        if repeated:
            found[name].append(value)
        elif name in found:
            raise ValueError(f'{message}.{name} is there twice')
        else:
            found[name] = value
    return found


def attributes_of(pairs):
    """{key: value}, each key once and with one value."""
    found = {}
    for pair in pairs:
        key, value = pair['key'], pair['value']
        if key in found or len(value) != 1:
            raise ValueError(f'the attribute {key} is there twice, or has {len(value)} values')
        found[key] = next(iter(value.values()))
    return found


@dataclasses.dataclass
class Span:
    trace: str
    id: str
    parent: str
    name: str
    kind: int
    start: int
    end: int
    attributes: dict
    error: str | None  # of its status
    state: str
    sampled: bool


def span_of(fields):
    """The span, held against what is asked of one."""
    trace, own, parent = fields['trace_id'], fields['span_id'], fields.get('parent_span_id', b'')
    if len(trace) != 16 or not any(trace) or len(own) != 8 or not any(own) or len(parent) not in (0, 8):
        raise ValueError(f'ids of wrong length, or zero: {trace} {own} {parent}')
    span = Span(trace.hex(), own.hex(), parent.hex(), fields['name'], fields['kind'], fields['start_time_unix_nano'],
                fields['end_time_unix_nano'], attributes_of(fields['attributes']), None, fields.get('trace_state', ''),
                bool(fields.get('flags', 0) & 1))
    if not span.name or span.kind not in REQUIRED or not 0 < span.start <= span.end:
        raise ValueError(f'{span} has no name, another kind or ends before it begins')
    for key, value in span.attributes.items():
        if type(value) is not ATTRIBUTES[key]:  # pylint: disable=unidiomatic-typecheck
            raise ValueError(f'{key} is {value!r}')
    # Of a request that could not be read there is no path.
    unreadable = {'url.path'} if span.attributes.get('http.response.status_code') == 400 else set()
    if missing := REQUIRED[span.kind] - unreadable - span.attributes.keys():
        raise ValueError(f'{span} has no {missing}')
    if 'status' in fields:
        if fields['status']['code'] != ERROR or 'error.type' not in span.attributes:
            raise ValueError(f'{span} has a status that is no error, or one without error.type')
        span.error = fields['status'].get('message', '')
    elif 'error.type' in span.attributes:
        raise ValueError(f'{span} has error.type and no error')
    return span


class Collector:
    """Listens on a port of its own; `spans` is everything it took, `refused` why it did not take something.

    `statuses`: what it answers with, in turn, before it takes everything.
    """

    def __init__(self, statuses=(), port=0):
        self.spans, self.resources, self.refused, self.requests = [], [], [], 0
        self.statuses = list(statuses)
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def do_POST(self):  # pylint: disable=invalid-name
                body = self.rfile.read(int(self.headers['Content-Length']))
                status = collector.take(self.path, self.headers['Content-Type'], body)
                self.send_response(status)
                self.send_header('Content-Type', 'application/x-protobuf')
                self.send_header('Content-Length', '0')
                self.end_headers()

            def log_message(self, *_arguments):  # pylint: disable=arguments-differ
                pass

        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', port), Handler)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def take(self, path, content_type, body):
        self.requests += 1
        if self.statuses:
            return self.statuses.pop(0)
        try:
            if (path, content_type) != ('/v1/traces', 'application/x-protobuf'):
                raise ValueError(f'{content_type} to {path}')
            for of_resource in decode(body, 'ExportTraceServiceRequest')['resource_spans']:
                self.resources.append(attributes_of(of_resource['resource']['attributes']))
                for of_scope in of_resource['scope_spans']:
                    if not of_scope['scope']['name']:
                        raise ValueError('a scope without a name')
                    self.spans += [span_of(span) for span in of_scope['spans']]
        except (ValueError, KeyError, IndexError, struct.error) as problem:
            self.refused.append(repr(problem))
            return 400
        return 200

    def of(self, request_id):
        """The server's span with that request id and those of its attempts, in the order of their start."""
        server = [s for s in list(self.spans) if s.attributes.get('goodgate.request.id') == request_id]
        if not server:
            return None
        return server[0], sorted((s for s in list(self.spans) if s.parent == server[0].id), key=lambda s: s.start)
