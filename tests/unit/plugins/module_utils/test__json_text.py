# -*- coding: utf-8 -*-
# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Damaged files, each with its own words and the place where it went wrong."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import json
from collections import OrderedDict

import pytest

from ansible_collections.dockfleet.host.plugins.module_utils._json_text import MAX_DEPTH, read_json

# name, file, kind of fault, line, column, what the message has to say
DAMAGED = [
    ('B44_trailing_comma_in_a_list', u'{"registry-mirrors": ["https://m.example",]}', 'trailing_comma', 1, 42, u'a comma before "]"'),
    ('B44_trailing_comma_in_the_object', u'{\n  "debug": true,\n}', 'trailing_comma', 2, 16, u'a comma before "}"'),
    ('B44_trailing_comma_after_line_feeds_of_windows', u'{\r\n  "debug": true,\r\n}', 'trailing_comma', 2, 16, u'a comma before "}"'),
    ('second_comma', u'{"a": 1,, "b": 2}', 'surplus', 1, 9, u'a second comma'),
    ('comma_first', u'{,"a": 1}', 'key', 1, 2, u'"," where a key'),
    ('missing_comma_on_one_line', u'{"a": 1 "b": 2}', 'missing_comma', 1, 8, u'no comma between two entries'),
    ('missing_comma_at_a_line_end', u'{\n  "a": ["x"]\n  "b": 2\n}', 'missing_comma', 2, 13, u'no comma between two entries'),
    ('missing_comma_in_a_list', u'{"a": ["x" "y"]}', 'missing_comma', 1, 11, u'no comma between two entries'),
    ('B46_html', u'<!doctype html><title>404</title>', 'html', 1, 1, u'this is HTML, not JSON. A download went wrong'),
    ('B46_html_after_blank_lines', u'\n\n  <html>', 'html', 3, 3, u'this is HTML'),
    ('xml', u'<?xml version="1.0"?><Error/>', 'html', 1, 1, u'this is XML'),
    ('comment_slashes', u'{\n  // mirrors\n  "a": 1\n}', 'comment', 2, 3, u'a comment. JSON has none'),
    ('comment_stars', u'{"a": 1 /* one */}', 'comment', 1, 9, u'a comment'),
    ('comment_hash', u'# daemon\n{}', 'comment', 1, 1, u'a comment'),
    ('typographic_quote_opens', u'{\u201ca\u201d: 1}', 'lookalike', 1, 2, u'U+201C (LEFT DOUBLE QUOTATION MARK) in place of "'),
    ('typographic_quote_closes', u'{"a\u201d: 1}', 'lookalike', 1, 4, u'U+201D (RIGHT DOUBLE QUOTATION MARK) in place of "'),
    ('typographic_quote_around_a_value', u'{"a": \u201cx\u201d}', 'lookalike', 1, 7, u'U+201C'),
    ('full_width_quote', u'{\uff02a\uff02: 1}', 'lookalike', 1, 2, u'U+FF02 (FULLWIDTH QUOTATION MARK)'),
    ('full_width_colon', u'{"a"\uff1a 1}', 'lookalike', 1, 5, u'U+FF1A (FULLWIDTH COLON) in place of :'),
    ('full_width_comma', u'{"a": 1\uff0c "b": 2}', 'lookalike', 1, 8, u'U+FF0C (FULLWIDTH COMMA) in place of ,'),
    ('full_width_brace_opens', u'\uff5b"a": 1}', 'lookalike', 1, 1, u'U+FF5B (FULLWIDTH LEFT CURLY BRACKET) in place of {'),
    ('full_width_brace_closes', u'{"a": 1\uff5d', 'lookalike', 1, 8, u'U+FF5D'),
    ('single_quotes', u"{'a': 1}", 'quotes', 1, 2, u"a single quote (') in place of a double one"),
    ('single_quotes_around_a_value', u"{\"a\": 'x'}", 'quotes', 1, 7, u'a single quote'),
    ('no_quotes_around_a_key', u'{a: 1}', 'quotes', 1, 2, u'Write "a"'),
    ('no_quotes_around_a_value', u'{"a": 10m}', 'quotes', 1, 7, u'Write "10m"'),
    ('no_break_space', u'{\n\u00a0"a": 1}', 'blank', 2, 1, u'U+00A0 (NO-BREAK SPACE)'),
    ('ideographic_space', u'{"a":\u30001}', 'blank', 1, 6, u'U+3000 (IDEOGRAPHIC SPACE)'),
    ('zero_width_space', u'{"a": 1}\u200b', 'blank', 1, 9, u'U+200B (ZERO WIDTH SPACE)'),
    ('byte_order_mark_in_the_middle', u'{}\ufeff', 'blank', 1, 3, u'U+FEFF'),
    ('B51_boolean_of_python', u'{"live-restore": True}', 'literal', 1, 18, u'"True" in place of true'),
    ('none_of_python', u'{"a": None}', 'literal', 1, 7, u'"None" in place of null'),
    ('boolean_of_yaml', u'{"a": yes}', 'literal', 1, 7, u'"yes" in place of true'),
    ('not_a_number', u'{"a": NaN}', 'number', 1, 7, u'"NaN" is no number of JSON'),
    ('leading_zero', u'{"a": 010}', 'number', 1, 7, u'"010" is no number'),
    ('plus', u'{"a": +1}', 'number', 1, 7, u'"+1" is no number'),
    ('endless_number', u'{"a": %s}' % (u'9' * 5000), 'number', 1, 7, u'too long'),
    ('number_beyond_all_bounds', u'{"a": 1e999}', 'number', 1, 7, u'too long'),
    ('duplicate_key', u'{"a": 1,\n "a": 2}', 'duplicate', 2, 2, u'the key "a" stands here a second time, after line 1, column 2'),
    ('duplicate_key_by_an_escape', u'{"a": 1, "\\u0061": 2}', 'duplicate', 1, 10, u'a second time'),
    ('second_document', u'{"a": 1}\n{"b": 2}', 'second_document', 2, 1, u'a second document begins here'),
    ('brace_too_many', u'{"a": 1}}', 'surplus', 1, 9, u'"}" after the end of the object'),
    ('list', u'["https://m.example"]', 'not_object', 1, 1, u'begins with a list'),
    ('lines_of_a_list', u'"https://m1.example",\n"https://m2.example"', 'not_object', 1, 1, u'begins with a text'),
    ('number_alone', u'1', 'not_object', 1, 1, u'a bare value'),
    ('yaml', u'registry-mirrors:\n  - https://m.example', 'not_json', 1, 1, u'YAML?'),
    ('shell', u'$ cat daemon.json', 'not_json', 1, 1, u'"$" where "{" has to begin the object'),
    ('cut_off_in_a_list', u'{"a": ["x",\n "y"', 'truncated', 2, 5, u'before the "]" that closes the "[" of line 1, column 7'),
    ('cut_off_in_the_object', u'{"a": 1', 'truncated', 1, 8, u'before the "}" that closes the "{" of line 1, column 1'),
    ('cut_off_before_a_value', u'{"a":', 'truncated', 1, 6, u'ends where a value has to be'),
    ('cut_off_in_a_text', u'{"a": "x', 'unclosed', 1, 7, u'without a closing quote'),
    ('line_end_in_a_text', u'{"a": "x\ny"}', 'unclosed', 1, 7, u'without a closing quote'),
    ('wrong_bracket', u'{"a": ["x"}', 'bracket', 1, 11, u'"}" where "]" has to close the "[" of line 1, column 7'),
    ('key_in_a_list', u'{"a": ["b": 1]}', 'bracket', 1, 11, u'a key in a list'),
    ('equals_sign', u'{"a" = 1}', 'colon', 1, 6, u'"=" in place of ":"'),
    ('no_colon', u'{"a" 1}', 'colon', 1, 5, u'no colon after the key "a"'),
    ('no_value', u'{"a": }', 'value', 1, 7, u'"}" where a value has to be'),
    ('semicolon', u'{"a": 1; "b": 2}', 'surplus', 1, 8, u'";" in place of ","'),
    ('path_of_windows', u'{"a": "C:\\data"}', 'escape', 1, 10, u'"\\d" is no escape'),
    ('tab_in_a_text', u'{"a": "x\ty"}', 'control', 1, 9, u'U+0009'),
    ('half_of_a_pair', u'{"a": "\\ud83d"}', 'surrogate', 1, 7, u'half of a surrogate pair'),
    ('other_half_of_a_pair', u'{"a": "\\ude00\\ud83d"}', 'surrogate', 1, 7, u'half of a surrogate pair'),
    ('too_deep', u'{"a": ' + u'[' * 100000, 'depth', 1, MAX_DEPTH + 6, u'nested deeper than 50 levels'),
    ('column_after_other_scripts', u'{"\u4ed3\u5e93": "\u955c\u50cf",}', 'trailing_comma', 1, 12, u'a comma before "}"'),
]


@pytest.mark.parametrize('text, code, line, column, words', [row[1:] for row in DAMAGED], ids=[row[0] for row in DAMAGED])
def test_a_damaged_file_is_told_apart(text, code, line, column, words):
    value, problem, notes = read_json(text.encode('utf-8'))
    assert value is None and notes == []
    assert (problem['code'], problem['line'], problem['column']) == (code, line, column)
    assert words in problem['message'] and not problem['message'].endswith('.')


@pytest.mark.parametrize('data, notes', [
    (b'{}', []),
    (b'\xef\xbb\xbf{}', ['bom']),
    (b'\xff\xfe{\x00}\x00', ['utf-16']),
    (b'\xfe\xff\x00{\x00}', ['utf-16']),
    (b'{\x00}\x00', ['utf-16']),
    (b'\x00{\x00}', ['utf-16']),
    (b'', ['empty']),
    (b' \r\n\t\n', ['empty']),
    (b'\xef\xbb\xbf\n', ['bom', 'empty']),
    (b'{\r\n}\r\n', []),
])
def test_B47_byte_order_marks_and_line_ends_are_read(data, notes):
    assert read_json(data) == (OrderedDict(), None, notes)


@pytest.mark.parametrize('data, line, column, words', [
    (b'{\n "a": "caf\xe9"}', 2, 11, u'the byte 0xE9 is not UTF-8'),
    (b'\xff\xfe{\x00}', 1, 2, u'the byte 0x7D is not UTF-16'),
    (b'\xff\xfe\x00\x00{\x00\x00\x00', None, None, u'UTF-32'),
    (b'\x00\x00\x00\x00', None, None, u'nothing but zero bytes'),
])
def test_other_encodings_are_named(data, line, column, words):
    problem = read_json(data)[1]
    assert (problem['line'], problem['column']) == (line, column) and words in problem['message']


def test_what_is_right_is_read_as_the_standard_library_reads_it():
    text = u'{"t": [true, false, null], "n": [0, -1, 1.5, 1e3], "s": "\\u00e9 \\ud83d\\ude00 \\/ \\" \u955c", "o": {"z": {}, "a": []}}'
    value, problem, notes = read_json(text.encode('utf-8'))
    assert problem is None and notes == []
    assert value == json.loads(text)
    assert list(value) == ['t', 'n', 's', 'o'] and list(value['o']) == ['z', 'a']


def test_a_huge_file_is_read_and_its_fault_found():
    entries = u',\n'.join(u'"https://mirror-%d.example"' % number for number in range(50000))
    assert len(read_json((u'{"a": [%s]}' % entries).encode('utf-8'))[0]['a']) == 50000
    problem = read_json((u'{"a": [%s,]}' % entries).encode('utf-8'))[1]
    assert (problem['code'], problem['line']) == ('trailing_comma', 50000)
