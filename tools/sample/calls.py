"""Writes the calls that `crmctl load` carries out, one JSON object a line."""
import hashlib
import json
import uuid

LARGEST_BATCH = 200


def record_id(key):
    """The same id for the same key in every run."""
    return str(uuid.uuid5(uuid.UUID('8a2f4c66-5f8e-4d0a-9a52-0d4c1b6f7e35'), key))


def user_name(tenant, sign_in_name):
    """What the server calls somebody who signs in by this name."""
    digest = bytearray(hashlib.sha256(f'{tenant}\0{sign_in_name.lower()}'.encode()).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x80
    digest[8] = digest[8] & 0x3F | 0x80
    return f'users/{uuid.UUID(bytes=bytes(digest))}'


def money(units, currency):
    """`units`: a decimal number as a text."""
    whole, _, part = units.partition('.')
    return {'currency_code': currency, 'units': whole, 'nanos': int(part.ljust(9, '0')[:9] or 0)}


def date(day):
    return {'year': day.year, 'month': day.month, 'day': day.day}


class Calls:
    """A file of calls in the order of their times, as a tenant's clock asks for."""

    def __init__(self, file, user):
        self.file = file
        self.user = user
        self.written = 0

    def add(self, call, request, time=None, user=None):
        line = {'call': call, 'user': user or self.user, 'request': request}
        if time is not None:
            line['time'] = time.strftime('%Y-%m-%dT%H:%M:%SZ')
        self.file.write(json.dumps(line, ensure_ascii=False) + '\n')
        self.written += 1

    def batch(self, call, requests, time=None, user=None):
        for begin in range(0, len(requests), LARGEST_BATCH):
            self.add(call, {'requests': requests[begin:begin + LARGEST_BATCH]}, time, user)
