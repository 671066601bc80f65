"""Names and lengths of files, and words that must not stand in them."""
import re

from checks import tree

LINES_REFUSED = 500
LINES_WARNED = 300
README_LINES = 15
BANNED_NAMES = {'manager', 'helper', 'helpers', 'util', 'utils', 'handler', 'processor', 'common', 'misc',
                'base', 'impl'}
# Data and texts may be as long as they are; a proto holds a record type's whole standard part.
LENGTH_OF = {'.cc', '.h', '.py', '.sh', '.cmake', '.ts', ''}

# Written with brackets, so that this file is not its own first finding.
FORBIDDEN = [
    (re.compile(r'\b(T[O]DO|F[I]XME|X[X]X|H[A]CK)\b'), 'finish it, or leave it out'),
    (re.compile(r'\b(not (yet )?implemente[d]|for now,|quick and dirt[y]|in a real (system|implementatio[n])|'
                r'lorem ipsu[m])\b', re.I), 'a phrase for what is not done'),
    (re.compile(r'(?<![\w./~-])/(home|root|work)/[\w.]'), "a path of one machine"),
    (re.compile(r'^(<<<<<<<|>>>>>>>) ', re.M), 'a merge conflict'),
    (re.compile(r'[ \t]+$', re.M), 'white space at the end of a line'),
]
FORBIDDEN_IN_TESTS = [
    (re.compile(r'\b(sleep_for|sleep_until|usleep|nanosleep)\b|(?<![\w.])sleep\('),
     'tests wait for a condition, they never sleep'),
    (re.compile(r'\bMOCK_METHOD'), 'our own parts are not mocked'),
]


def line_of(content, offset):
    return content.count('\n', 0, offset) + 1


def is_test(path):
    return path.parts[0] == 'tests' or path.stem.endswith('_test')


def check_name(path, report):
    words = set(re.split(r'[^a-z0-9]+', str(path).lower()))
    for word in sorted(words & BANNED_NAMES):
        report.refuse(path, 1, f'a file is named after what it is about, not "{word}"')


def check_length(path, content, report):
    lines = content.count('\n')
    if path.name == 'README.md' and path.parts[0] in ('libs', 'services') and lines > README_LINES:
        report.refuse(path, lines, f'{lines} lines; the README of a library or service has at most {README_LINES}')
    if path.suffix not in LENGTH_OF or path.name == 'LICENSE':
        return
    if lines > LINES_REFUSED:
        report.refuse(path, lines, f'{lines} lines; at most {LINES_REFUSED}')
    elif lines > LINES_WARNED:
        report.warn(path, lines, f'{lines} lines; past {LINES_WARNED} a decision gets its own file')


def check_words(path, content, report):
    rules = list(FORBIDDEN)
    if is_test(path) and path.suffix in tree.CODE:
        rules += FORBIDDEN_IN_TESTS
    for pattern, why in rules:
        for match in pattern.finditer(content):
            shown = match.group(0).strip()
            report.refuse(path, line_of(content, match.start()), f'{why}: {shown}' if shown else why)


def check(paths, report):
    for path in paths:
        check_name(path, report)
        content = tree.text(path)
        if content is None or path.suffix == '.csv':
            continue
        check_length(path, content, report)
        if path.name != 'LICENSE':
            check_words(path, content, report)
