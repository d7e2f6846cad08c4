# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A strict reader of JSON that says where a file is broken and how it is rightly written.

The standard library names the place where it gave up. People need the place where they went wrong: the comma, not what follows it.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import codecs
import json
import re
import unicodedata
from collections import OrderedDict

MAX_DEPTH = 50
# Longer than any number that a 64-bit engine can use.
MAX_NUMBER = 40

BLANKS = re.compile(u'[ \t\r\n]*')
NUMBER = re.compile(u'-?(?:0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?(?![0-9A-Za-z_.+-])')
LITERAL = re.compile(u'(true|false|null)(?![0-9A-Za-z_])')
WORD = re.compile(u'[0-9A-Za-z_.+/-]+')
TEXT = re.compile(u'"([^"\\\\\x00-\x1f]*(?:\\\\(?:["\\\\/bfnrt]|u[0-9A-Fa-f]{4})[^"\\\\\x00-\x1f]*)*)')
HALF_PAIR = re.compile(u'[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]')

LITERALS = {u'true': True, u'false': False, u'null': None}
# How other languages spell them; "null" has no better spelling than itself.
OTHER_SPELLINGS = {
    u'true': u'true', u'yes': u'true', u'on': u'true', u'false': u'false', u'no': u'false', u'off': u'false',
    u'none': u'null', u'null': u'null', u'nil': u'null', u'undefined': u'null',
}
# Characters that word processors and input methods put in the place of JSON's own.
LOOKALIKES = {
    u'"': u'\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u00ab\u00bb\u300c\u300d\uff02\u2033`\u00b4',
    u':': u'\uff1a\ufe55\u2236',
    u',': u'\uff0c\u3001\u060c\ufe50',
    u'{': u'\uff5b',
    u'}': u'\uff5d',
    u'[': u'\uff3b\u3010',
    u']': u'\uff3d\u3011',
}
# Blanks that JSON does not take for blanks, and characters that cannot be seen.
STRANGE_BLANKS = (
    u'\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u200c\u200d'
    u'\u2028\u2029\u202f\u205f\u2060\u3000\ufeff\u0085\x0b\x0c'
)

CLOSING = {u'{': u'}', u'[': u']'}

# Longer marks first: UTF-32's begins like UTF-16's.
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, None),
    (codecs.BOM_UTF32_BE, None),
    (codecs.BOM_UTF8, 'utf-8'),
    (codecs.BOM_UTF16_LE, 'utf-16-le'),
    (codecs.BOM_UTF16_BE, 'utf-16-be'),
)


class Fault(Exception):
    """The one thing that is wrong.

    Args:
        code (str): Short name of the kind of fault.
        message (str): What is wrong, to stand after "line 3, column 41: ".
        position (int): Where, as an index into the text; None where the whole file is meant.
        text (str): What could be decoded, where that is not the whole file.
    """

    def __init__(self, code, message, position=None, text=None):
        super(Fault, self).__init__(code)
        self.code = code
        self.message = message
        self.position = position
        self.text = text


def read_json(data):
    """Read a file that has to hold one JSON object.

    Args:
        data (bytes): The file.

    Returns:
        tuple: The object (OrderedDict, None where it is broken); the problem (dict: code, message, line, column; None where there is
            none); notes (list of str): "bom", "utf-16", "empty" for what is read all the same but not what an engine of every version reads.
    """
    text = u''
    try:
        text, notes = decode(data)
        if not text.strip(u' \t\r\n'):
            return OrderedDict(), None, notes + ['empty']
        return _Reader(text).whole(), None, notes
    except Fault as fault:
        line, column = place(text if fault.text is None else fault.text, fault.position)
        return None, {'code': fault.code, 'message': fault.message, 'line': line, 'column': column}, []


def decode(data):
    """The text of a file, by its byte order mark or by the zero bytes of UTF-16.

    Returns:
        tuple: Text, and notes as read_json() gives them.
    """
    if data and not data.strip(b'\0'):
        raise Fault('zeros', u'it holds nothing but zero bytes, which is what a power cut can leave of a file')
    encoding, notes, start = 'utf-8', [], 0
    for mark, name in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            if name is None:
                raise Fault('encoding', u'it is UTF-32. Save it as UTF-8')
            encoding, notes, start = name, ['bom' if name == 'utf-8' else 'utf-16'], len(mark)
            break
    else:
        if data[1:2] == b'\0' or data[:1] == b'\0':
            encoding, notes = 'utf-16-le' if data[1:2] == b'\0' else 'utf-16-be', ['utf-16']
    try:
        return data[start:].decode(encoding), notes
    except UnicodeDecodeError as error:
        bad = start + error.start
        before = data[start:bad].decode(encoding)
        raise Fault(
            'encoding',
            u'the byte 0x%02X is not %s. The file was saved in another encoding (Latin-1? GBK?); save it as UTF-8'
            % (bytearray(data[bad:bad + 1])[0], u'UTF-8' if encoding == 'utf-8' else u'UTF-16'),
            len(before),
            before,
        )


def place(text, position):
    """Line and column of a position, counted from 1; (None, None) for the whole file."""
    if position is None:
        return None, None
    start = text.rfind(u'\n', 0, position) + 1
    # Where Python's text is UTF-16 inside (2.7 on some systems), one character may be two.
    extra = len(re.findall(u'[\ud800-\udbff][\udc00-\udfff]', text[start:position]))
    return text.count(u'\n', 0, position) + 1, position - start - extra + 1


def name_of(character):
    """A character as people can look it up: U+201C (LEFT DOUBLE QUOTATION MARK)."""
    name = unicodedata.name(character, u'')
    return u'U+%04X' % ord(character) + (u' (%s)' % name if name else u'')


class _Reader(object):
    """Reads one text from its start to its first fault."""

    def __init__(self, text):
        self.text = text
        self.position = 0

    def whole(self):
        self.blanks()
        if self.peek() != u'{':
            self.refuse_other_kinds_of_file()
        value = self.value(0)
        self.blanks()
        if self.position < len(self.text):
            if self.peek() in u'{["':
                raise Fault('second_document', u'a second document begins here. A file holds one object', self.position)
            raise Fault('surplus', u'%s after the end of the object' % self.shown(), self.position)
        return value

    def peek(self, length=1):
        return self.text[self.position:self.position + length]

    def shown(self):
        """The next character, to be read in a message."""
        character = self.peek()
        return u'"%s"' % character if u' ' < character <= u'~' else name_of(character)

    def blanks(self):
        """Skip blanks, and refuse what others take for blanks."""
        self.position = BLANKS.match(self.text, self.position).end()
        character = self.peek()
        if character == u'#' or self.peek(2) in (u'//', u'/*'):
            raise Fault('comment', u'a comment. JSON has none', self.position)
        if character and character in STRANGE_BLANKS:
            raise Fault('blank', u'%s. It looks like a blank but is none for JSON; type an ordinary one' % name_of(character), self.position)

    def value(self, depth):
        character = self.peek()
        if character in (u'{', u'['):
            if depth == MAX_DEPTH:
                raise Fault('depth', u'nested deeper than %d levels' % MAX_DEPTH, self.position)
            return self.object(depth + 1) if character == u'{' else self.list(depth + 1)
        if character == u'"':
            return self.string()
        literal = LITERAL.match(self.text, self.position)
        if literal:
            self.position = literal.end()
            return LITERALS[literal.group(1)]
        number = NUMBER.match(self.text, self.position)
        return self.number(number) if number else self.refuse_value()

    def number(self, match):
        token = match.group(0)
        value = None
        if len(token) <= MAX_NUMBER:
            value = float(token) if match.group(1) or match.group(2) else int(token)
        if value in (None, float('inf'), float('-inf')):
            raise Fault('number', u'a number that is too long', self.position)
        self.position = match.end()
        return value

    def string(self):
        match = TEXT.match(self.text, self.position)
        end = match.end()
        if self.text[end:end + 1] != u'"':
            self.refuse_string(end)
        inner = match.group(1)
        value = json.loads(u'"%s"' % inner) if u'\\' in inner else inner
        if HALF_PAIR.search(value):
            raise Fault('surrogate', u'a text with half of a surrogate pair (\\ud800 to \\udfff), which is no character', self.position)
        self.position = end + 1
        return value

    def list(self, depth):
        opened = self.position
        items = []
        self.position += 1
        self.blanks()
        if self.peek() == u']':
            self.position += 1
            return items
        while True:
            items.append(self.value(depth))
            if not self.goes_on(opened):
                return items

    def object(self, depth):
        opened = self.position
        members = OrderedDict()
        places = {}
        self.position += 1
        self.blanks()
        if self.peek() == u'}':
            self.position += 1
            return members
        while True:
            start = self.position
            if self.peek() != u'"':
                self.refuse_key(opened)
            key = self.string()
            if key in members:
                raise Fault(
                    'duplicate',
                    u'the key "%s" stands here a second time, after line %d, column %d. An engine takes only the last one'
                    % ((key,) + place(self.text, places[key])),
                    start,
                )
            places[key] = start
            end = self.position
            self.blanks()
            if self.peek() != u':':
                self.refuse_colon(key, end)
            self.position += 1
            self.blanks()
            members[key] = self.value(depth)
            if not self.goes_on(opened):
                return members

    def goes_on(self, opened):
        """After a value: step over a comma (True) or over the bracket that closes (False)."""
        end = self.position
        closing = CLOSING[self.text[opened]]
        self.blanks()
        character = self.peek()
        if character == closing:
            self.position += 1
            return False
        if character != u',':
            self.refuse_separator(opened, end)
        comma = self.position
        self.position += 1
        self.blanks()
        if self.peek() in (u']', u'}'):
            raise Fault('trailing_comma', u'a comma before "%s"' % self.peek(), comma)
        if self.peek() == u',':
            raise Fault('surplus', u'a second comma', self.position)
        return True

    # What follows only ever refuses: it finds the words for a fault.

    def refuse_other_kinds_of_file(self):
        character = self.peek()
        if character == u'<':
            kind = u'XML' if self.peek(5) == u'<?xml' else u'HTML'
            raise Fault('html', u'this is %s, not JSON. A download went wrong, and the error page was saved' % kind, self.position)
        self.refuse_lookalike(u'{')
        if character in (u'[', u'"') or NUMBER.match(self.text, self.position) or LITERAL.match(self.text, self.position):
            kind = {u'[': u'a list', u'"': u'a text'}.get(character, u'a bare value')
            raise Fault('not_object', u'the file begins with %s. It has to be one object: everything stands in braces { }' % kind, self.position)
        if re.match(u'[\\w-]+[ \t]*[:=]', self.text[self.position:self.position + 80], re.U):
            raise Fault('not_json', u'this is not JSON (YAML? an INI file?). Everything stands in braces { }, each key in quotes', self.position)
        raise Fault('not_json', u'%s where "{" has to begin the object' % self.shown(), self.position)

    def refuse_lookalike(self, expected):
        """Name a character that only looks like the expected one."""
        character = self.peek()
        if character and character in LOOKALIKES.get(expected, u''):
            raise Fault('lookalike', u'%s in place of %s' % (name_of(character), expected), self.position)
        if character == u"'" and expected == u'"':
            raise Fault('quotes', u"a single quote (') in place of a double one (\")", self.position)

    def refuse_end(self, opened):
        if self.position >= len(self.text):
            raise Fault(
                'truncated',
                u'the file ends before the "%s" that closes the "%s" of line %d, column %d'
                % ((CLOSING[self.text[opened]], self.text[opened]) + place(self.text, opened)),
                self.position,
            )

    def refuse_value(self):
        if self.position >= len(self.text):
            raise Fault('truncated', u'the file ends where a value has to be', self.position)
        for expected in (u'"', u'{', u'['):
            self.refuse_lookalike(expected)
        word = WORD.match(self.text, self.position)
        if not word:
            raise Fault('value', u'%s where a value has to be' % self.shown(), self.position)
        word = word.group(0)
        if word.lower() in OTHER_SPELLINGS:
            raise Fault('literal', u'"%s" in place of %s' % (word, OTHER_SPELLINGS[word.lower()]), self.position)
        if re.match(u'[+-]?[0-9.]+$', word) or word in (u'NaN', u'Infinity', u'-Infinity'):
            raise Fault('number', u'"%s" is no number of JSON' % word, self.position)
        raise Fault('quotes', u'a text without quotes. Write "%s"' % word, self.position)

    def refuse_key(self, opened):
        self.refuse_end(opened)
        self.refuse_lookalike(u'"')
        word = WORD.match(self.text, self.position)
        if word:
            raise Fault('quotes', u'a key without quotes. Write "%s"' % word.group(0), self.position)
        raise Fault('key', u'%s where a key in double quotes has to be' % self.shown(), self.position)

    def refuse_colon(self, key, end):
        self.refuse_lookalike(u':')
        if self.peek() == u'=':
            raise Fault('colon', u'"=" in place of ":"', self.position)
        raise Fault('colon', u'no colon after the key "%s"' % key, end)

    def refuse_separator(self, opened, end):
        self.refuse_end(opened)
        self.refuse_lookalike(u',')
        self.refuse_lookalike(CLOSING[self.text[opened]])
        character = self.peek()
        if character in (u']', u'}'):
            raise Fault(
                'bracket',
                u'"%s" where "%s" has to close the "%s" of line %d, column %d'
                % ((character, CLOSING[self.text[opened]], self.text[opened]) + place(self.text, opened)),
                self.position,
            )
        if character in (u'"', u'{', u'[', u"'") or WORD.match(self.text, self.position) or character in LOOKALIKES[u'"']:
            raise Fault('missing_comma', u'no comma between two entries', end)
        if character == u';':
            raise Fault('surplus', u'";" in place of ","', self.position)
        if character == u':' and self.text[opened] == u'[':
            raise Fault('bracket', u'a key in a list. Keys stand in braces { }', self.position)
        raise Fault('surplus', u'%s after a value' % self.shown(), self.position)

    def refuse_string(self, end):
        character = self.text[end:end + 1]
        if not character or character in u'\r\n':
            for position in range(self.position + 1, end):
                if self.text[position] in LOOKALIKES[u'"']:
                    self.position = position
                    self.refuse_lookalike(u'"')
            raise Fault('unclosed', u'a text without a closing quote', self.position)
        if character == u'\\':
            self.position = end
            raise Fault('escape', u'"%s" is no escape of JSON. A backslash is written as two' % self.peek(2).strip(), end)
        raise Fault('control', u'the control character %s in a text. Write \\t for a tab, \\u%04x for this one' % (name_of(character), ord(character)), end)
