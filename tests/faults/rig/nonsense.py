# SPDX-License-Identifier: Apache-2.0
"""Response heads and chunkings that are wrong, each in one way; the origin sends them in turn.

A kind is (name, what is sent for a body). Where the message could be read in one way only, it carries
the right body: to mend it on the way is no lie. Where it could be read in two ways, or in none, its
body is wrong, and whoever passes it on as a whole answer is found out.
"""
OK = b'HTTP/1.1 200 OK\r\n'
WRONG = b'wrong body '


def length(body):
    return b'Content-Length: %d\r\n' % len(body)


def with_line(line):
    """An otherwise right answer with another status line."""
    return lambda body: line + b'\r\n' + length(body) + b'\r\n' + body


def with_field(field):
    """An otherwise right answer with one more field line."""
    return lambda body: OK + field + b'\r\n' + length(body) + b'\r\n' + body


def instead(framing, content):
    """Framing fields and content of their own; nothing of it is the right body."""
    return lambda body: OK + framing + b'\r\n' + content


def chunked(content):
    return instead(b'Transfer-Encoding: chunked\r\n', content)


def no_reading(*values):
    """Content-Length with such values, in front of a wrong body."""
    fields = b''.join(b'Content-Length: ' + value + b'\r\n' for value in values)
    return instead(fields, WRONG)


NONSENSE = [
    ('status of two digits', with_line(b'HTTP/1.1 20 OK')),
    ('status of four digits', with_line(b'HTTP/1.1 2000 OK')),
    ('status that is no number', with_line(b'HTTP/1.1 2OO OK')),
    ('no version', with_line(b'200 OK')),
    ('version 2 over HTTP/1', with_line(b'HTTP/2.0 200 OK')),
    ('lower-case protocol', with_line(b'http/1.1 200 OK')),
    ('another protocol', lambda body: b'ICY 200 OK\r\n' + length(body) + b'\r\n' + body),
    ('NUL in a value', with_field(b'X-Odd: a\0b')),
    ('bare CR in a value', with_field(b'X-Odd: a\rSet-Cookie: stolen=1')),
    ('control character in a name', with_field(b'X\x01Odd: 1')),
    ('space before the colon', with_field(b'X-Odd : 1')),
    ('space in a name', with_field(b'X Odd: 1')),
    ('a field without a colon', with_field(b'X-Odd')),
    ('a field without a name', with_field(b': 1')),
    ('folded line', with_field(b'X-Odd: 1\r\n 2')),
    ('first field begins with a space',
     lambda body: OK + b' X-Odd: 1\r\n' + length(body) + b'\r\n' + body),
    ('two lengths that differ', no_reading(b'5', b'11')),
    ('a list of lengths that differ', no_reading(b'5, 11')),
    ('length with a sign', no_reading(b'+5')),
    ('negative length', no_reading(b'-5')),
    ('length in hexadecimal', no_reading(b'0x5')),
    ('length with a blank within', no_reading(b'1 1')),
    ('length beyond 64 bits', no_reading(b'18446744073709551627')),
    ('length that is empty', no_reading(b'')),
    ('length and chunked', instead(b'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n',
                                   b'b\r\nwrong body \r\n0\r\n\r\n')),
    ('chunked twice', instead(b'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n',
                              b'b\r\nwrong body \r\n0\r\n\r\n')),
    ('chunked is not the last coding', instead(b'Transfer-Encoding: chunked, gzip\r\n',
                                               b'b\r\nwrong body \r\n0\r\n\r\n')),
    ('an unknown coding', instead(b'Transfer-Encoding: xchunked\r\nContent-Length: 11\r\n', WRONG)),
    ('coding behind a vertical tab', instead(b'Transfer-Encoding: \x0bchunked\r\nContent-Length: 11\r\n',
                                             WRONG)),
    ('chunk size that is no number', chunked(b'zz\r\nwrong body \r\n0\r\n\r\n')),
    ('chunk size with a sign', chunked(b'+b\r\nwrong body \r\n0\r\n\r\n')),
    ('chunk size with 0x', chunked(b'0xb\r\nwrong body \r\n0\r\n\r\n')),
    ('chunk size beyond 64 bits', chunked(b'1000000000000000b\r\nwrong body \r\n0\r\n\r\n')),
    ('chunk longer than its size', chunked(b'5\r\nwrong body \r\n0\r\n\r\n')),
    ('chunk size ended by a bare LF', chunked(b'b\nwrong body \n0\n\n')),
    ('129 fields and more', lambda body: OK + b'X-Odd: 1\r\n' * 2000 + length(body) + b'\r\n' + body),
    ('a head of 300 KB', lambda body: OK + b'X-Odd: ' + b'x' * 300_000 + b'\r\n' + length(body) +
     b'\r\n' + body),
    ('an upgrade that nobody asked for', lambda body: b'HTTP/1.1 101 Switching Protocols\r\n'
     b'Connection: upgrade\r\nUpgrade: odd\r\n\r\n' + WRONG),
    ('interim responses without end', lambda body: b'HTTP/1.1 100 Continue\r\n\r\n' * 2000),
    ('a head that breaks off', lambda body: OK + b'Content-Le'),
]

GARBAGE = [b'\x16\x03\x03\x00\x02\x02\x28', b'SSH-2.0-OpenSSH_9.2\r\n', b'\0' * 512,
           b'complete garbage, several\r\nlines of it\r\n\r\n', b'<html>Bad things</html>\n',
           b'-ERR unknown command\r\n', bytes(range(256)) * 4]
