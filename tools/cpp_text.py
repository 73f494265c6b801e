"""Looks at C++ the way tidy.py needs it: code without comments and strings, brace by brace."""
import re

TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/'
    r'|R"(?P<mark>[^\s()\\]{0,16})\(.*?\)(?P=mark)"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'",
    re.S)


def without_text(source):
    """The source with the inside of comments and literals blanked; lines and columns stay."""
    def blank(match):
        text = match.group(0)
        spaces = re.sub(r'[^\n]', ' ', text)
        if text[0] in '"\'' and len(text) > 1:
            return text[0] + spaces[1:-1] + text[-1]
        return spaces
    return TOKEN.sub(blank, source)


def line_at(text, offset):
    return text.count('\n', 0, offset) + 1


def closing(code, opening):
    """Offset of the bracket that closes the one at `opening`, or the end of the text."""
    pairs = {'{': '}', '(': ')', '[': ']', '<': '>'}
    left, right = code[opening], pairs[code[opening]]
    depth = 0
    for i in range(opening, len(code)):
        if code[i] == left:
            depth += 1
        elif code[i] == right:
            depth -= 1
            if depth == 0:
                return i
    return len(code)


def functions(code):
    """(line, lines, head) of each outermost function body in code without text."""
    found = []
    start = 0
    i = 0
    while i < len(code):
        c = code[i]
        if c in ';}':
            start = i + 1
        elif c == '(':
            i = closing(code, i)
        elif c == '{':
            head = code[start:i]
            if re.search(r'\b(namespace|class|struct|enum|union|extern)\b', head) and not re.search(
                    r'\)\s*(const|noexcept|override|final|->|$)', head.strip()):
                start = i + 1
            else:
                end = closing(code, i)
                if '(' in head:
                    found.append((line_at(code, start + len(head) - len(head.lstrip())),
                                  code.count('\n', i, end) + 1, ' '.join(head.split())))
                i = end
                start = end + 1
        i += 1
    return found


def lambdas(code):
    """(offset, captures, body) of each lambda, found by its shape."""
    for match in re.finditer(r'(?<![\w\])\[])\s*\[([^\[\]]*)\]\s*(?=[({<])', code):
        before = code[:match.start()].rstrip()[-8:]
        if re.search(r'(operator|delete|auto&{0,2}|\bauto)$', before):
            continue
        i = match.end()
        if code[i] == '<':
            i = closing(code, i) + 1
        if i < len(code) and code[i] == '(':
            i = closing(code, i) + 1
        rest = re.match(r'[\s\w:<>,&*\->]*', code[i:])
        body = i + rest.end()
        if body < len(code) and code[body] == '{':
            yield match.start(1) - 1, match.group(1).strip(), code[body:closing(code, body) + 1]


def statement_before(code, offset):
    """What stands before `offset` in its own statement; "(" when that is an argument or a condition."""
    depth = 0
    i = offset - 1
    while i >= 0:
        c = code[i]
        if c in ')]' or (c == '}' and depth > 0):
            depth += 1
        elif c in '([':
            if depth == 0:
                return '('
            depth -= 1
        elif c in ';{}' and depth == 0:
            break
        i -= 1
    return code[i + 1:offset].strip()
