"""Protos: everything has a comment, record types have their standard part and standard fields."""
import re
import subprocess

from checks import tree
from checks.layout import line_of

STANDARD_FIELDS = {
    1: 'string name', 2: 'string etag', 3: 'google.protobuf.Timestamp create_time',
    4: 'google.protobuf.Timestamp update_time', 5: 'string create_user', 6: 'string update_user',
    7: 'string owner', 8: 'State state', 9: 'Status status', 10: 'string regarding',
    11: 'google.protobuf.Timestamp delete_time', 12: 'string exchange_rate',
    13: 'repeated string permissions', 14: 'repeated string secured_fields',
    15: 'map<string, crm.record.v1.Value> custom',
}
FIRST_PERSONAL = 200
BLOCK = re.compile(r'^\s*(message|enum|service|oneof)\s+(\w+)\s*\{')
RPC = re.compile(r'^\s*rpc\s+(\w+)')
FIELD = re.compile(r'^\s*((?:(?:repeated|optional)\s+)?(?:map<[^>]*>|[\w.]+)\s+(\w+))\s*=\s*(\d+)\s*[\[;]')
VALUE = re.compile(r'^\s*([A-Z][A-Z0-9_]*)\s*=\s*-?\d+\s*[\[;]')
SERVES = re.compile(r'^service\s+(\w+)\s*\{\s*option \(crm\.record\.v1\.serves\) = "(\w+)";', re.M)


def declared(line):
    """The name of what the line declares, or None."""
    for pattern, group in ((BLOCK, 2), (RPC, 1), (VALUE, 1), (FIELD, 2)):
        match = pattern.match(line)
        if match and not line.lstrip().startswith(('option ', 'reserved ')):
            return match.group(group)
    return None


def check_comments(path, content, report):
    lines = content.splitlines()
    for number, line in enumerate(lines):
        name = declared(line)
        if name and not (number > 0 and lines[number - 1].lstrip().startswith('//')):
            report.refuse(path, number + 1, f'{name} has no comment above it')


def body_of(content, message):
    """The text between a top-level message's braces, and where it begins."""
    match = re.search(rf'^message {message} \{{$(.*?)^\}}$', content, re.M | re.S)
    return (match.group(1), match.start(1)) if match else (None, 0)


def reserved_numbers(body):
    numbers = set()
    for statement in re.findall(r'^  reserved ([^;"]+);', body, re.M):
        for part in statement.split(','):
            first, _, last = part.strip().partition(' to ')
            numbers.update(range(int(first), int(last or first) + 1))
    return numbers


def check_fields(path, content, message, report):
    body, start = body_of(content, message)
    if body is None:
        report.refuse(path, 1, f'the record type {message} is not in this file')
        return
    found = {}
    for line in re.finditer(r'^  (?=[\w]).*$', body, re.M):
        match = FIELD.match(line.group(0))
        if not match:
            continue
        number = int(match.group(3))
        where = line_of(content, start + line.start())
        found[number] = ' '.join(match.group(1).split())
        if ('personal: true' in line.group(0)) != (number >= FIRST_PERSONAL):
            report.refuse(path, where, f'{match.group(2)}: personal fields, and only they, have numbers from 200 up')
    free = reserved_numbers(body)
    for number, standard in STANDARD_FIELDS.items():
        if number not in free and found.get(number) != standard:
            report.refuse(path, line_of(content, start),
                          f'field {number} of {message} is "{standard}" or reserved, not "{found.get(number)}"')


def check_standard_part(path, content, report):
    package = re.search(r'^package crm\.(\w+)\.v\d+;', content, re.M)
    for match in SERVES.finditer(content):
        many, one = match.groups()
        run = subprocess.run(['tools/new_record', package.group(1), one, many, '--check', str(path)],
                             cwd=tree.ROOT, capture_output=True, text=True, check=False)
        if run.returncode != 0:
            report.refuse(path, line_of(content, match.start()), run.stderr.strip().removeprefix(f'{path}: '))
        check_fields(path, content, one, report)


def check(paths, report):
    for path in paths:
        if path.suffix == '.proto':
            content = tree.text(path)
            check_comments(path, content, report)
            check_standard_part(path, content, report)
