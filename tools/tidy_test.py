#!/usr/bin/env python3
"""Each rule of tidy.py refuses what it should and accepts what it should; so do its neighbours."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import layers  # noqa: E402
import run_tests  # noqa: E402
import tidy  # noqa: E402
from cpp_text import functions, without_text  # noqa: E402


def said(check, text, path='src/proxy/a.cc'):
    return [complaint for _, complaint in check(path, text)]


class Text(unittest.TestCase):
    def test_comments_and_strings_are_blanked_in_place(self):
        source = 'int a; // rand()\nauto s = "co_await";\nint b = 1\'000; char c = \'"\'; f("x");'
        code = without_text(source)
        self.assertEqual(len(code), len(source))
        self.assertNotIn('rand', code)
        self.assertNotIn('co_await', code)
        self.assertIn("int b = 1'000;", code)

    def test_functions_are_found_in_classes_and_namespaces(self):
        code = 'namespace a {\nclass B {\n  int f() const {\n    if (x) {\n    }\n  }\n};\nvoid g() {}\n}\n'
        self.assertEqual([(line, lines) for line, lines, _ in functions(code)], [(3, 4), (8, 1)])


class FileRules(unittest.TestCase):
    def test_file_length(self):
        self.assertTrue(said(tidy.file_length, 'x\n' * 601))
        self.assertFalse(said(tidy.file_length, 'x\n' * 600))

    def test_columns(self):
        self.assertTrue(said(tidy.columns, 'x' * 101))
        self.assertFalse(said(tidy.columns, 'é' * 100))

    def test_first_lines(self):
        spdx = '// SPDX-License-Identifier: Apache-2.0\n'
        self.assertTrue(said(tidy.first_lines, '#include "a.h"\n'))
        self.assertFalse(said(tidy.first_lines, spdx + '#include "a.h"\n'))
        self.assertTrue(said(tidy.first_lines, spdx + '#pragma once\n', 'src/proxy/a.h'))
        self.assertTrue(said(tidy.first_lines, spdx + '// What.\n', 'src/proxy/a.h'))
        self.assertFalse(said(tidy.first_lines, spdx + '// What.\n#pragma once\n', 'src/proxy/a.h'))

    def test_unfinished(self):
        self.assertTrue(said(tidy.unfinished, '// FIXME later'))
        self.assertFalse(said(tidy.unfinished, '// TODOS is a name'))

    def test_banned_names(self):
        for bad in ('auto t = std::chrono::steady_clock::now();', 'int r = rand();', 'std::random_device d;',
                    'std::thread t(f);', 'std::mutex m;', '::sleep(1);', 'usleep(5);', 'int s = ::socket(1, 2, 3);',
                    'printf("x");', 'std::cout << 1;', 'atoi(x);', 'using namespace std;',
                    'std::shared_ptr<Pool> p;', 'thread_local int x;', 'assert(x);', 'goto end;',
                    'clock_gettime(a, b);', 'class A : std::enable_shared_from_this<A> {};'):
            self.assertTrue(said(tidy.banned_names, bad), bad)
        for good in ('co_await sleep(engine, 5);', 'static_assert(x);', 'operand();',
                     '// printf("x")', 'std::shared_ptr<const Snapshot> s;', 'using namespace std::literals;',
                     'using namespace gg::literals;', 'net::connect(x);', 'stream.send(x);'):
            self.assertFalse(said(tidy.banned_names, good), good)
        self.assertFalse(said(tidy.banned_names, 'clock_gettime(a, b);', 'src/engine/epoll/clock.cc'))
        self.assertFalse(said(tidy.banned_names, 'rand();', 'tests/unit/base/a_test.cc'))

    def test_includes(self):
        self.assertTrue(said(tidy.includes, '#include <regex>\n'))
        self.assertTrue(said(tidy.includes, '#include <functional>\n', 'src/proxy/a.h'))
        self.assertFalse(said(tidy.includes, '#include <functional>\n'))

    def test_words(self):
        for bad in ('int downstream_bytes;', 'class BackendPool {};', '// the cluster is down', 'Params params;',
                    'class RetryHelper {};', 'int backends;'):
            self.assertTrue(said(tidy.words, bad), bad)
        for good in ('int client_bytes;', 'log("backend");', '// helpers below', 'int implement;'):
            self.assertFalse(said(tidy.words, good), good)
        self.assertFalse(said(tidy.words, '// backend', 'src/fault/foreign_names.cc'))
        self.assertFalse(said(tidy.words, '// in the backend', 'src/engine/engine.h'))

    def test_await_alone(self):
        for good in ('co_await f(x);', 'int a = co_await f(x);', 'co_return co_await f(x);',
                     'Result<Map<A, B>, E> r =\n    co_await s.read(deadline);', 'a.b[c(1)] = co_await f();',
                     'if (x) co_await f();',
                     'if (a.b == 101) co_return co_await f();', 'if (g(x)) y = co_await f();', '} else {\n  co_await f();\n}', 'for (;;) {\n co_await f(); }',
                     'auto operator co_await() && noexcept {', 'auto [a, b] = co_await f();',
                     'if (x) {\n y();\n}\nco_await f();', 'auto t = [](int a) -> Task<int> { co_await f(a); };'):
            self.assertFalse(said(tidy.await_alone, good), good)
        for bad in ('if (co_await f()) {', 'g(co_await f());', 'int a = 1 + co_await f();',
                    'while (co_await f()) {}', 'return g(a, co_await f(x));', 'if (int a = co_await f(); a) {}',
                    'int a = co_await f() ? 1 : 2;', 'for (int x : co_await f()) {}',
                    'bool a = co_await f() && b;', 'switch (co_await f()) {}', 'A a{co_await f()};'):
            self.assertTrue(said(tidy.await_alone, bad), bad)

    def test_coroutine_lambdas(self):
        for bad in ('auto f = [&] { co_await g(); };', 'auto f = [this](int a) -> Task<int> { co_return a; };',
                    'start([x = 1]() mutable -> Task<void> { co_await g(); }());'):
            self.assertTrue(said(tidy.coroutine_lambdas, bad), bad)
        for good in ('auto f = [](int a) -> Task<int> { co_return a; };', 'auto f = [&] { g(); };',
                     'a[i] = b;', 'Task<void> f() { auto g = [&] { h(); };\n co_await k(); }'):
            self.assertFalse(said(tidy.coroutine_lambdas, good), good)

    def test_function_length(self):
        def body(count):
            return 'void f() {\n' + '  g();\n' * count + '}\n'
        self.assertFalse(said(tidy.function_length, body(58)))
        self.assertTrue(said(tidy.function_length, body(60)))
        cases = ''.join(f'    case {i}:\n      return "x";\n' for i in range(50))
        self.assertFalse(said(tidy.function_length, 'int f(int x) {\n  switch (x) {\n' + cases + '  }\n}\n'))


class TreeRules(unittest.TestCase):
    def tree(self, files):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        root = pathlib.Path(folder.name)
        subprocess.run(['git', 'init', '-q', str(root)], check=True)
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        return tidy.Tree(root)

    def said(self, check, files):
        return [complaint for _, _, complaint in check(self.tree(files))]

    def test_folder_readmes(self):
        source = {'src/a/x.cc': ''}
        self.assertTrue(self.said(tidy.folder_readmes, source))
        self.assertTrue(self.said(tidy.folder_readmes, source | {'src/a/README.md': 'x\n' * 31}))
        self.assertFalse(self.said(tidy.folder_readmes, source | {'src/a/README.md': 'x\n' * 30}))

    def test_every_source_is_tested(self):
        source = {'src/a/x.cc': ''}
        reason = {'tests/untested.txt': 'src/a/x.cc: it only forwards calls\n'}
        test = {'tests/unit/a/x_test.cc': ''}
        self.assertTrue(self.said(tidy.every_source_is_tested, source))
        self.assertFalse(self.said(tidy.every_source_is_tested, source | test))
        self.assertFalse(self.said(tidy.every_source_is_tested, source | reason))
        self.assertTrue(self.said(tidy.every_source_is_tested, source | test | reason))
        self.assertTrue(self.said(tidy.every_source_is_tested, reason))
        self.assertTrue(self.said(tidy.every_source_is_tested, source | {'tests/untested.txt': 'src/a/x.cc: no\n'}))

    def test_everything_is_built(self):
        built = {'cmake/folders.cmake': 'gg_folder(a)\n'}
        self.assertTrue(self.said(tidy.everything_is_built, {'src/b/x.cc': ''} | built))
        self.assertFalse(self.said(tidy.everything_is_built, {'src/a/x.cc': ''} | built))
        self.assertTrue(self.said(tidy.everything_is_built, {'tests/new/x_test.cc': ''}))
        self.assertTrue(self.said(tidy.everything_is_built, {'tests/wire/x.py': 'if __name__ == "__main__":'}))


class Messages(unittest.TestCase):
    def test_messages(self):
        self.assertFalse(list(tidy.message_complaints('retry: wait a little\n\nBecause.\n')))
        self.assertFalse(list(tidy.message_complaints('Merge branch x')))
        for bad in ('retry: wait', 'Waits a little\n\nBecause.', 'retry: wait\nBecause.\nMore.',
                    'retry: ' + 'x' * 70 + '\n\nBecause.'):
            self.assertTrue(list(tidy.message_complaints(bad)), bad)


class Neighbours(unittest.TestCase):
    def test_layers(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for path, text in {'docs/layers.txt': 'base\nnet dns\n', 'src/base/a.h': '',
                               'src/net/a.cc': '#include "base/a.h"\n'}.items():
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text(text)
            self.assertEqual(layers.main(root), 0)
            for wrong in ('#include "dns/b.h"\n', '#include "none/b.h"\n'):
                (root / 'src/net/a.cc').write_text(wrong)
                with open('/dev/null', 'w') as nowhere:
                    out, sys.stdout = sys.stdout, nowhere
                    try:
                        self.assertEqual(layers.main(root), 1)
                    finally:
                        sys.stdout = out

    def test_a_skipped_test_is_not_excused(self):
        junit = ('<testsuite><testcase name="a" status="run"/><testcase name="b" status="notrun"/>'
                 '<testcase name="c_root_test" status="notrun"/><testcase name="d" status="disabled"/>'
                 '<testcase name="e" status="fail"/></testsuite>')
        names = run_tests.not_run(junit)
        self.assertEqual(names, ['b', 'c_root_test', 'd'])
        self.assertEqual(run_tests.excused(names, is_root=False), ['c_root_test'])
        self.assertEqual(run_tests.excused(names, is_root=True), [])

    def test_few_failures_with_real_clocks_are_looked_at_again(self):
        self.assertTrue(run_tests.may_run_again(['wire: start_test', 'release faults: rows_test']))
        self.assertFalse(run_tests.may_run_again([]))
        self.assertTrue(run_tests.may_run_again(['unit_engine: Engines/Cancel.A/epoll_0']))
        self.assertFalse(run_tests.may_run_again(['wire: a', 'sim: Swarm.Wire']))
        self.assertFalse(run_tests.may_run_again(['wire: a', 'wire: b', 'wire: c', 'wire: d']))


if __name__ == '__main__':
    unittest.main(verbosity=0)
