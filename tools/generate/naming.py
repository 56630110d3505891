"""Names of the generated C++: wire names in, identifiers out."""

import re

KEYWORDS = {
    "default", "delete", "namespace", "template", "class", "operator", "private", "public", "new", "this",
    "register", "union", "struct", "enum", "export", "import", "module", "signed", "unsigned", "long", "short",
    "int", "float", "double", "bool", "char", "auto", "const", "static", "virtual", "friend", "using", "typename",
    "not", "and", "or", "xor", "if", "else", "for", "while", "do", "switch", "case", "try", "catch", "throw",
    "return", "true", "false", "concept", "requires", "explicit", "inline", "volatile", "typedef", "goto",
}


def snake(name):
    """SNSDestination -> sns_destination, IAMRoleARN -> iam_role_arn, Max24HourSend -> max24_hour_send."""
    text = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    text = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", text)
    text = text.replace("-", "_").replace(".", "_").lower()
    return text + "_" if text in KEYWORDS else text


def pascal(name):
    return name[0].upper() + name[1:]


def lower_camel(name):
    """As paths of broken constraints spell a member: only the first letter changes (sNSAction)."""
    return name[0].lower() + name[1:]


def literal(text):
    """A C++ string literal with every byte outside plain ASCII as an octal escape."""
    out = []
    for byte in text.encode("utf-8"):
        char = chr(byte)
        if char in '"\\':
            out.append("\\" + char)
        elif char == "?":
            out.append("\\?")
        elif 0x20 <= byte < 0x7F:
            out.append(char)
        else:
            out.append("\\%03o" % byte)
    return '"' + "".join(out) + '"'
