"""Lengths of functions and names of classes, by universal-ctags for C++ and by ast for Python."""
import ast
import json
import re
import shutil
import subprocess

from checks import tree
from checks.layout import BANNED_NAMES

LINES_REFUSED = 70
LINES_WARNED = 40
CTAGS = ['ctags', '--languages=C++', '--langmap=C++:.cc.h', '--kinds-C++=fcsgu', '--fields=+ne',
         '--output-format=json', '-L', '-', '-o', '-']


def check_function(path, name, first, last, report):
    lines = last - first + 1
    if lines > LINES_REFUSED:
        report.refuse(path, first, f'{name} has {lines} lines; at most {LINES_REFUSED}')
    elif lines > LINES_WARNED:
        report.warn(path, first, f'{name} has {lines} lines; aim at {LINES_WARNED}')


def check_class(path, name, line, report):
    words = {word.lower() for word in re.findall(r'[A-Z][a-z0-9]*', name)}
    for word in sorted(words & BANNED_NAMES):
        report.refuse(path, line, f'{name}: a type is named after what it is, not "{word}"')


def check_code(paths, report):
    if not shutil.which('ctags'):
        report.refuse('tools/packages.txt', 1, 'universal-ctags is missing; tools/build test installs it')
        return
    listed = ''.join(f'{path}\n' for path in paths)
    output = subprocess.run(CTAGS, cwd=tree.ROOT, input=listed, capture_output=True, text=True, check=True)
    for line in output.stdout.splitlines():
        tag = json.loads(line)
        if tag['name'].startswith('__anon') and tag['kind'] != 'function':
            continue
        if tag['kind'] == 'function':
            name = 'a lambda' if tag['name'].startswith('__anon') else tag['name']
            check_function(tag['path'], name, tag['line'], tag.get('end', tag['line']), report)
        else:
            check_class(tag['path'], tag['name'], tag['line'], report)


def check_script(path, report):
    for node in ast.walk(ast.parse(tree.text(path), str(path))):
        if isinstance(node, ast.FunctionDef):
            check_function(path, node.name, node.lineno, node.end_lineno, report)


def check(paths, report):
    check_code(tree.code_files(paths), report)
    for path in paths:
        if tree.is_script(path):
            check_script(path, report)
