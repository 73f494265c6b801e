#!/usr/bin/env python3
"""Rules of docs/style.md that a program can check. Each has its own test in tidy_test.py.

    tools/tidy.py                        every file of the project
    tools/tidy.py --commits 20           and the messages of the last commits
    tools/tidy.py --message FILE         one commit message (a commit-msg hook)

A check is a function of (path, text) that yields (line, complaint); one over the whole tree takes a
Tree. Adding one: write it, list it at the end of the file, test it.
"""
import argparse
import pathlib
import re
import subprocess
import sys

from cpp_text import closing, functions, lambdas, line_at, statement_before, without_text

LINES_MAX = 600
COLUMNS_MAX = 100
FUNCTION_LINES_MAX = 60
README_LINES_MAX = 30

# (pattern in code, what to write instead, folders or files of src/ that may)
BANNED = [
    (r'\b(steady|system|high_resolution)_clock\b', 'engine.now()', ['engine/']),
    (r'\b(clock_gettime|gettimeofday|getrandom)\s*\(', 'the engine', ['engine/']),
    (r'\bs?rand\s*\(|\brandom_device\b|\bmt19937(_64)?\b', 'an Rng&', ['engine/']),
    (r'\bstd::(jthread|thread|async)\b|\bpthread_create\b', 'a worker of gate/', ['gate/', 'cli/']),
    (r'\bstd::(mutex|lock_guard|unique_lock|scoped_lock|condition_variable)\b',
     'a message through a mailbox', ['gate/', 'engine/']),
    (r'::sleep\s*\(|\b(usleep|nanosleep)\s*\(|\bsleep_(for|until)\b', 'a sleep of the engine', ['engine/', 'gate/', 'cli/']),
    (r'(?<![\w>:])::(socket|accept4?|connect|recv|recvmsg|send|sendmsg|epoll_\w+)\s*\(',
     'the engine', ['engine/', 'gate/', 'cli/']),
    (r'\b(printf|fprintf|puts|sprintf)\s*\(|\bstd::(cout|cerr|clog)\b',
     'a message of gate/ or cli/, a record elsewhere', ['cli/', 'gate/', 'base/assert.cc']),
    (r'\b(atoi|atol|strtol|strtoul|sscanf|stoi|stoul)\s*\(', 'parse_number()', []),
    (r'\busing\s+namespace\s+(?!(gg::)?literals\b|rows\b|std::(chrono_)?(\w+_)?literals\b)',
     'a name, or a using of a literals namespace', []),
    (r'\benable_shared_from_this\b', 'a Scope', []),
    (r'\bshared_ptr\s*<(?!\s*const\b)', 'one owner, or shared_ptr<const …> for a snapshot', ['gate/']),
    (r'\bthread_local\b', 'a parameter', ['task/frame_pool']),
    (r'(?<![\w.])assert\s*\(', 'GG_ASSERT', []),
    (r'\bgoto\b', 'a function', []),
]
BANNED_INCLUDES = {'iostream', 'regex'}
BANNED_IN_HEADERS = {'iostream', 'regex', 'ranges', 'functional'}

# Words of docs/glossary.md that have a better one, looked for in names and comments.
WORDS = {
    'downstream': 'client', 'frontend': 'client or listener', 'backend': 'upstream or endpoint',
    'cluster': 'upstream', 'transaction': 'exchange', 'reactor': 'engine', 'poller': 'engine',
    'dispatcher': 'engine', 'shard': 'worker', 'checkout': 'lease', 'params': 'settings',
    'opts': 'settings', 'manager': 'what it does', 'helper': 'what it does', 'impl': 'what it is',
    'util': 'what it is', 'utils': 'what it is', 'misc': 'what it is',
}
# Harmless in a sentence, misleading as a name.
ONLY_AS_NAMES = {'params', 'opts', 'manager', 'helper', 'impl', 'util', 'misc', 'checkout'}
# Files that read or name what other gateways write, and words with a meaning of their own there.
FOREIGN = ('src/fault/foreign', 'src/diagnose/')
AT_HOME = {'backend': 'src/engine/'}  # an engine's: epoll, simulated

TEST_FOLDERS = {'unit', 'sim', 'wire', 'soak', 'cost', 'package', 'differential', 'support', 'compiler',
                'config', 'docs', 'vectors', 'faults'}


class Tree:
    """The project's files: those that git knows or would add."""

    def __init__(self, root):
        self.root = root
        listed = subprocess.run(['git', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'],
                                cwd=root, capture_output=True, check=True).stdout.decode()
        self.paths = sorted(p for p in listed.split('\0') if p and (root / p).is_file())

    def read(self, path):
        return (self.root / path).read_text(errors='replace')


def is_cpp(path):
    return path.endswith(('.h', '.cc'))


def in_src(path):
    return path.startswith('src/') and is_cpp(path)


# --- one file at a time ---------------------------------------------------------------------------

def file_length(path, text):
    if is_cpp(path) or path.endswith('.py'):
        lines = text.count('\n')
        if lines > LINES_MAX:
            yield LINES_MAX, f'{lines} lines; a file has at most {LINES_MAX}'


def columns(path, text):
    if is_cpp(path):
        for number, line in enumerate(text.splitlines(), 1):
            if len(line) > COLUMNS_MAX:
                yield number, f'{len(line)} columns; a line has at most {COLUMNS_MAX}'


def first_lines(path, text):
    if is_cpp(path):
        lines = text.splitlines() + ['', '']
        if lines[0] != '// SPDX-License-Identifier: Apache-2.0':
            yield 1, 'the first line is "// SPDX-License-Identifier: Apache-2.0"'
        elif path.endswith('.h') and not lines[1].startswith('// '):
            yield 2, 'the second line says what this file is and who uses it'
    if path.endswith('.h') and '#pragma once' not in text:
        yield 1, 'a header has "#pragma once"'


def unfinished(path, text):
    if is_cpp(path) or path.endswith(('.py', '.cmake')):
        for match in re.finditer(r'\b(TODO|FIXME|XXX|HACK)\b', text):
            if not path.startswith('tools/tidy'):
                yield line_at(text, match.start()), f'{match.group(0)}: finish it, or leave it out'


def banned_names(path, text):
    if not in_src(path):
        return
    code = without_text(text)
    for pattern, instead, allowed in BANNED:
        if any(path.startswith('src/' + place) for place in allowed):
            continue
        for match in re.finditer(pattern, code):
            yield line_at(code, match.start()), f'{match.group(0).strip()}: use {instead}'


def includes(path, text):
    if not in_src(path):
        return
    banned = BANNED_IN_HEADERS if path.endswith('.h') else BANNED_INCLUDES
    for match in re.finditer(r'^#include <(\w+)>', text, re.M):
        if match.group(1) in banned:
            yield line_at(text, match.start()), f'<{match.group(1)}> costs every build a second'


def words(path, text):
    if not in_src(path) or path.startswith(FOREIGN):
        return
    code = without_text(text)
    readable = re.sub(r'"(?:\\.|[^"\\\n])*"', '""', text)  # what others are told is not ours to judge
    for source, skipped in ((code, WORDS.keys() - ONLY_AS_NAMES), (readable, ONLY_AS_NAMES)):
        for match in re.finditer(r'[A-Za-z]+', source):
            for part in re.findall(r'[A-Z]?[a-z]+|[A-Z]+(?![a-z])', match.group(0)):
                word = part.lower()
                if word not in WORDS:
                    word = word.removesuffix('s')
                if word in WORDS and word not in skipped and not path.startswith(AT_HOME.get(word, '-')):
                    yield line_at(source, match.start()), f'"{word}": say {WORDS[word]}'


def await_alone(path, text):
    if not in_src(path):
        return
    code = without_text(text)
    for match in re.finditer(r'(?<!operator )\bco_await\b', code):
        before = statement_before(code, match.start())
        before = re.sub(r'^(case [^:]+:|default:|else\b|do\b|template[^;]*\{)\s*', '', before)
        control = re.match(r'(if|for|while)\s*(constexpr\s*)?\(', before)
        if control:
            before = before[closing(before, control.end() - 1) + 1:].strip()
        whole = before in ('', 'co_return') or re.fullmatch(
            r'(?!if\b|while\b|for\b|switch\b|return\b)[^()=]*(\([^()]*\)[^()=]*)*=', before, re.S)
        if whole:
            end = code.find(';', match.end())
            depth = 0
            for i in range(match.end(), end if end > 0 else len(code)):
                depth += (code[i] in '([{') - (code[i] in ')]}')
                goes_on = depth == 0 and re.match(r'\?|&& |\|\| |== |\+ |- ', code[i:i + 3])
                if goes_on or depth < 0:
                    whole = False
        if not whole:
            yield line_at(code, match.start()), 'co_await stands alone on its statement'


def coroutine_lambdas(path, text):
    if not is_cpp(path) or path.startswith('tests/compiler/'):
        return
    code = without_text(text)
    for offset, captures, body in lambdas(code):
        inner = body
        for _, _, nested in lambdas(body[1:]):
            inner = inner.replace(nested, '')
        if captures and re.search(r'\bco_(await|return|yield)\b', inner):
            yield line_at(code, offset), f'a coroutine lambda captures nothing, not [{captures}]'


def is_table(body):
    """One switch of one-line cases: a table, however long."""
    lines = [line.strip() for line in body.splitlines()[1:-1] if line.strip()]
    plain = [line for line in lines if re.match(r'(case .*:|return .*;|default:|switch .*|\}.*)', line)]
    return 'switch' in body and len(plain) >= len(lines) - 3


def function_length(path, text):
    if in_src(path):
        code = without_text(text)
        for line, lines, head in functions(code):
            body = '\n'.join(code.splitlines()[line - 1:line - 1 + lines])
            if lines > FUNCTION_LINES_MAX and not is_table(body):
                yield line, f'{lines} lines; a function has at most {FUNCTION_LINES_MAX}: {head[:60]}'


# --- the whole tree -------------------------------------------------------------------------------

def folder_readmes(tree):
    folders = sorted({p.split('/')[1] for p in tree.paths if in_src(p)})
    for folder in folders:
        readme = f'src/{folder}/README.md'
        if readme not in tree.paths:
            yield readme, 1, 'each folder says what it is for, its main types, what does not belong'
        elif tree.read(readme).count('\n') > README_LINES_MAX:
            yield readme, README_LINES_MAX, f'at most {README_LINES_MAX} lines'


def every_source_is_tested(tree):
    tested = {(p.split('/')[2], pathlib.Path(p).stem.removesuffix('_test').removesuffix('_threads'))
              for p in tree.paths if p.startswith('tests/unit/') and p.endswith('_test.cc')}
    listed = 'tests/untested.txt'
    reasons = {}
    if listed in tree.paths:
        for number, line in enumerate(tree.read(listed).splitlines(), 1):
            if not line.strip() or line.startswith('#'):
                continue
            path, _, reason = line.partition(': ')
            reasons[path] = number
            if len(reason.split()) < 3:
                yield listed, number, f'{path}: say why in a sentence'
    for path in tree.paths:
        if not (path.startswith('src/') and path.endswith('.cc')):
            continue
        has_test = (path.split('/')[1], pathlib.Path(path).stem) in tested
        number = reasons.pop(path, None)
        if has_test and number:
            yield listed, number, f'{path} has a test now: remove the line'
        if not has_test and not number:
            folder, stem = path.split('/')[1], pathlib.Path(path).stem
            yield path, 1, f'needs tests/unit/{folder}/{stem}_test.cc, or a reason in {listed}'
    for path, number in reasons.items():
        yield listed, number, f'{path} does not exist'


def everything_is_built(tree):
    folders = tree.read('cmake/folders.cmake') if 'cmake/folders.cmake' in tree.paths else ''
    for folder in sorted({p.split('/')[1] for p in tree.paths if in_src(p) and p.endswith('.cc')}):
        if not re.search(rf'^gg_folder\({folder}\b', folders, re.M):
            yield f'src/{folder}', 1, 'cmake/folders.cmake does not build this folder'
    for path in tree.paths:
        parts = path.split('/')
        if parts[0] == 'tests' and len(parts) > 2 and parts[1] not in TEST_FOLDERS:
            yield path, 1, f'tests/CMakeLists.txt knows no kind of test named {parts[1]}'
        runs = path.endswith('.py') and '__main__' in tree.read(path)
        if parts[0] == 'tests' and runs and not path.endswith('_test.py'):
            yield path, 1, 'a test script is named *_test.py, or it would never run'


# --- commit messages ------------------------------------------------------------------------------

def message_complaints(message):
    lines = [line for line in message.splitlines() if not line.startswith('#')]
    subject = lines[0] if lines else ''
    if subject.startswith(('Merge ', 'Revert ')):
        return
    if not re.match(r'[a-z0-9_/, .-]+: \S', subject):
        yield 'the subject reads "area: what changes"'
    if len(subject) > 72:
        yield f'the subject has {len(subject)} characters; aim for 60, at most 72'
    if len(lines) > 1 and lines[1].strip():
        yield 'a blank line follows the subject'
    if not any(line.strip() for line in lines[2:]):
        yield 'the body says why, and how we know'


def commit_complaints(root, count):
    log = subprocess.run(['git', 'log', f'-{count}', '--format=%h%x01%B%x00'], cwd=root,
                         capture_output=True, check=True).stdout.decode(errors='replace')
    for entry in log.split('\0'):
        commit, _, message = entry.strip().partition('\x01')
        for complaint in message_complaints(message) if commit else ():
            yield f'commit {commit}: {complaint}'


FILE_CHECKS = [file_length, columns, first_lines, unfinished, banned_names, includes, words,
               await_alone, coroutine_lambdas, function_length]
TREE_CHECKS = [folder_readmes, every_source_is_tested, everything_is_built]


def complaints(tree):
    for path in tree.paths:
        if is_cpp(path) or path.endswith(('.py', '.cmake')):
            text = tree.read(path)
            for check in FILE_CHECKS:
                for line, complaint in check(path, text):
                    yield f'{path}:{line}: {complaint}'
    for check in TREE_CHECKS:
        for path, line, complaint in check(tree):
            yield f'{path}:{line}: {complaint}'


def main():
    parser = argparse.ArgumentParser(description='Check the rules of docs/style.md.')
    parser.add_argument('--commits', type=int, default=0, help='also check so many messages')
    parser.add_argument('--message', type=pathlib.Path, help='check one commit message only')
    options = parser.parse_args()
    root = pathlib.Path(__file__).resolve().parent.parent
    if options.message:
        found = list(message_complaints(options.message.read_text()))
    else:
        found = list(complaints(Tree(root)))
        if options.commits:
            found += commit_complaints(root, options.commits)
    for complaint in found:
        print(complaint)
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
