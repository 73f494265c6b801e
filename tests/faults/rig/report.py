# SPDX-License-Identifier: Apache-2.0
"""The table of rows and gateways, for people."""
import collections
import os
import time

BEGIN, END = '<!-- the table: begin -->', '<!-- the table: end -->'


def kinds_of(failures):
    """What the failures were, by how often: '12 × status 502, 3 × reset'."""
    counts = collections.Counter(f'{failure.kind} {failure.status or ""}'.strip() for failure in failures)
    return ', '.join(f'{count} × {kind}' for kind, count in counts.most_common())


def number(value):
    if isinstance(value, float):
        return f'{value:.2f}' if abs(value) < 10 else f'{value:.0f}'
    return str(value)


def figures(row, result):
    """The cells of one gateway."""
    extra = ', '.join(f'{name} {number(result["extra"][name])}' for name in row.columns
                      if name in result['extra'])
    return [str(result['requests']), f'{result["avoidable"]} / {result["errors"]} / {result["late"]}',
            str(result['duplicates']), str(result['lies']), f'{result["amplification"]:.2f}',
            f'{result["p50"]:.0f}', f'{result["p99"]:.0f}', extra]


def line_of(row, gateway, result):
    """One line for whoever watches."""
    if result is None:
        return f'{row.name:24} {gateway:9} not run: it needs root, for network namespaces'
    count, errors, twice, lies, amplification, p50, p99, extra = figures(row, result)
    verdict = '; '.join(result['misses']) or 'as it must be'
    return (f'{row.name:24} {gateway:9} N {count}, a/e/late {errors}, twice {twice}, lies {lies}, '
            f'× {amplification}, p50 {p50}, p99 {p99}{", " + extra if extra else ""}: {verdict}'
            f'{" (" + result["kinds"] + ")" if result["kinds"] else ""}')


HEADINGS = ['situation', 'must', 'gateway', 'N', 'avoidable / errors / late', 'twice', 'wrong passed as whole',
            'deliveries ÷ requests', 'p50 ms', 'p99 ms', 'more', 'verdict']


def table(rows, results, gateways):
    lines = ['| ' + ' | '.join(HEADINGS) + ' |', '|' + ' --- |' * len(HEADINGS)]
    for name, found in results.items():
        row = rows[name]
        for place, gateway in enumerate(gateways):
            first = [f'{row.title} (`{name}`)', row.must] if place == 0 else ['', '']
            result = found[gateway]
            if result is None:
                cells = ['-'] * 8 + ['not run (needs root)']
            else:
                cells = figures(row, result) + [verdict(result)]
            lines.append('| ' + ' | '.join(first + [gateway] + cells) + ' |')
    return '\n'.join(lines + ['', totals(results, gateways)])


def circumstances(versions):
    """Under which the table was made."""
    made = time.strftime('%d %B %Y', time.gmtime())
    return (f'Made on {made}, {os.cpu_count()} cores, load average {os.getloadavg()[1]:.1f} over the last '
            f'five minutes, with {", ".join(versions)}. A row\'s name in brackets is its command: '
            '`tests/faults/run --rows NAME`.')


def verdict(result):
    return '**missed**: ' + '; '.join(result['misses']) if result['misses'] else 'met'


def totals(results, gateways):
    """Per gateway: how many rows are met, and avoidable errors per thousand requests over all of them."""
    lines = ['| gateway | rows met | avoidable errors per 1000 requests | twice | wrong passed as whole |',
             '| --- | --- | --- | --- | --- |']
    for gateway in gateways:
        ran = [found[gateway] for found in results.values() if found[gateway]]
        requests = sum(result['requests'] for result in ran) or 1
        avoidable = sum(result['avoidable'] for result in ran)
        met = sum(not result['misses'] for result in ran)
        lines.append(f'| {gateway} | {met} of {len(ran)} | {1000 * avoidable / requests:.2f} | '
                     f'{sum(r["duplicates"] for r in ran)} | {sum(r["lies"] for r in ran)} |')
    return '\n'.join(lines)


def write(path, text):
    """Puts the table between the marks of a document."""
    page = path.read_text()
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    assert rest, f'{path} has no place for the table'
    path.write_text(f'{before}{BEGIN}\n\n{text}\n\n{END}{after}')
