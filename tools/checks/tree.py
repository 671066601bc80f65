"""The files that are checked, and what the checks report."""
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CODE = ('.cc', '.h')


class Report:
    """Findings refuse the tree; warnings only say what is getting long."""

    def __init__(self):
        self.findings = []
        self.warnings = []

    def refuse(self, path, line, text):
        self.findings.append((str(path), line, text))

    def warn(self, path, line, text):
        self.warnings.append((str(path), line, text))


def files():
    """All files that are, or could be, committed: paths from the root, sorted."""
    listed = subprocess.run(['git', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'],
                            cwd=ROOT, capture_output=True, check=False)
    if listed.returncode == 0:
        names = [name for name in listed.stdout.decode().split('\0') if name]
    else:
        names = walk()
    return sorted(pathlib.PurePath(name) for name in set(names) if (ROOT / name).is_file())


def walk():
    """For a tree without git, such as an unpacked archive."""
    for path in ROOT.rglob('*'):
        name = path.relative_to(ROOT)
        if path.is_file() and name.parts[0] not in ('.git', '.deps', 'build'):
            yield str(name)


def text(path):
    """The file's text, or None for binary files such as golden bytes."""
    data = (ROOT / path).read_bytes()
    if b'\0' in data:
        return None
    try:
        return data.decode('utf-8')
    except UnicodeDecodeError:
        return None


def code_files(paths):
    return [path for path in paths if path.suffix in CODE]


def is_script(path):
    """Python, by name or by its first line."""
    if path.suffix == '.py':
        return True
    if path.suffix or path.parts[0] not in ('tools', 'tests'):
        return False
    with open(ROOT / path, 'rb') as file:
        return file.readline().startswith(b'#!/usr/bin/env python3')
