# SPDX-License-Identifier: Apache-2.0
"""What origins and clients agree on: paths that carry a request's number, bodies made from it."""


def path_of(number, size):
    return f'/{number}/{size}'


def numbers_of(target):
    """(request number, size of the response's body) of a path."""
    _, number, size = target.split('/')
    return int(number), int(size)


def body_of(number, size):
    """The only right body of that request or response: no two requests share one."""
    unit = b'%d.' % number
    return (unit * (size // len(unit) + 1))[:size]
