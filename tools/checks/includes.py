"""Who may include what: only from the left, and each foreign library in its one place."""
import re

from checks import tree
from checks.layout import line_of

ORDER = ['record', 'log', 'store', 'bucket', 'access', 'shard', 'query', 'rpc', 'runtime']
CORE = {'record', 'log', 'store', 'bucket', 'access', 'shard', 'query'}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)

# Folder of the foreign header -> prefixes of the paths that may include it.
PLACES = {
    'rocksdb': ('libs/store/', 'libs/log/embedded'),
    'librdkafka': ('libs/log/', 'tests/kafka/', 'tools/bench/'),
    'grpc': ('libs/rpc/server/', 'services/main', 'tools/crmctl/', 'tools/bench/', 'tests/'),
    'grpcpp': ('libs/rpc/server/', 'services/main', 'tools/crmctl/', 'tools/bench/', 'tests/'),
}
# clang 14 lacks them, and the core is compiled with it for fuzzing.
TOO_NEW = {'format', 'expected', 'print'}


def library_of(path):
    return path.parts[1] if len(path.parts) > 2 and path.parts[0] == 'libs' else None


def may_include(path, included):
    """Whether the file may include a header of ours at all: libraries from the left, never upwards."""
    folder = included.split('/')[0]
    library = library_of(path)
    if folder == 'libs':
        target = included.split('/')[1]
        if target not in ORDER:
            return False
        return library is None or ORDER.index(target) <= ORDER.index(library)
    if path.parts[0] == 'tests':
        return folder in ('tests', 'services')
    return folder == path.parts[0]


def problem(path, mark, included):
    """What is wrong with the include, or None."""
    folder = included.split('/')[0]
    if folder in PLACES and not included.endswith('.pb.h') and not str(path).startswith(PLACES[folder]):
        return f'only {", ".join(PLACES[folder])} may include {folder}'
    if mark == '<':
        if included in TOO_NEW and library_of(path) in CORE:
            return f'<{included}> does not compile with clang 14, which the core must'
        return None
    if included.endswith('.pb.h'):
        proto = 'protos/' + included.removesuffix('.pb.h') + '.proto'
        # Tests have a service of their own.
        own = path.parts[0] == 'tests' and (tree.ROOT / 'tests' / 'services' / proto).is_file()
        known = folder == 'google' or own or (tree.ROOT / proto).is_file()
        return None if known else f'{proto} is not there'
    if not (tree.ROOT / included).is_file():
        return 'quoted includes are paths from the root'
    if not may_include(path, included):
        return 'includes go to the left only: ' + ' '.join(ORDER)
    return None


def check(paths, report):
    for path in tree.code_files(paths):
        content = tree.text(path)
        if path.suffix == '.h' and not re.search(r'^#pragma once$', content, re.M):
            report.refuse(path, 1, '#pragma once is missing')
        library = library_of(path)
        if library is not None and library not in ORDER:
            report.refuse(path, 1, f'unknown library {library}; its place in the order is in tools/checks/includes.py')
            continue
        for match in INCLUDE.finditer(content):
            why = problem(path, match.group(1), match.group(2))
            if why:
                report.refuse(path, line_of(content, match.start()), f'{match.group(2)}: {why}')
