# SPDX-License-Identifier: Apache-2.0
"""Finds the functions of a C++ file by its braces: enough to measure them, without a compiler."""

import re

LITERAL = re.compile(
    r"""//[^\n]*|/\*.*?\*/|R"(?P<mark>[^(\s]*)\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])*'""",
    re.DOTALL,
)
NOT_A_FUNCTION = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b|=\s*$")
CALL = re.compile(r"([~\w:<>]+)\s*\(")


def blank_literals(text: str) -> str:
    """Comments and literals replaced by spaces, line breaks kept, so that only real braces are left."""
    return LITERAL.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def functions(text: str) -> list[tuple[str, int, int]]:
    """(name, first line, last line) of every function body; lambdas and inner blocks belong to their function."""
    code = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: re.sub(r"[^\n]", " ", m[0]), blank_literals(text), flags=re.M)
    found, scopes, head = [], [], 0  # scopes: (is a function, name, line where its head starts)
    for i, char in enumerate(code):
        if char == "{":
            signature = code[head:i]
            inside = bool(scopes) and scopes[-1][0]
            call = CALL.search(signature)
            is_function = inside or (call is not None and not NOT_A_FUNCTION.search(signature))
            start = head + len(signature) - len(signature.lstrip())
            name = call[1] if call and not inside else ""
            scopes.append((is_function, name, code.count("\n", 0, start) + 1))
        elif char == "}" and scopes:
            is_function, name, line = scopes.pop()
            if is_function and name and not (scopes and scopes[-1][0]):
                found.append((name, line, code.count("\n", 0, i) + 1))
        if char in "{};":
            head = i + 1
    return found
