"""The grammar of conditions, and the parser made from it (lark, LALR). Chinese and English spellings are one language.

A run of plain characters is a word; and, or and brackets end it, in either language. What a word means (a figure, a
segment, a tag, 30天未购买) is for the check: the grammar only says how words, comparisons and stretches of time join.
"""

from functools import cache
from typing import Any

_JOINERS = "并且|而且|同时|但是|或者"
_STOPS = r"""\s()=<>!≥≤≠,'"“”‘’「」『』|&;且或"""
_WORD = rf"(?:(?!{_JOINERS})[^{_STOPS}])+"
_END = rf"(?![^{_STOPS}])"  # a number or keyword ends here: 30天未购买 is one word

GRAMMAR = rf"""
start: either
?either: both (OR both)*
?both: one (AND one)*
?one: NOT one -> negated
    | test
    | "(" either ")" -> bracket
test: subject tail*
subject: WORD "(" [arg ("," arg)*] ")" -> call
    | words STRING?
    | STRING -> quoted
words: (WORD | NUMBER | DURATION | PARAM)+
arg: WORD "=" value -> named
    | value
?tail: OP value -> compared
    | IN stretch -> within
    | FOR (DURATION | WORD) -> lasting
    | SINCE DATE -> since
    | BEFORE DATE -> before
stretch: DURATION | WORD | NUMBER | DATE (RANGE DATE)?
value: STRING | NUMBER | DURATION | PARAM | WORD

AND.9: /and{_END}/i | /并且|而且|同时|但是|且|&&?/
OR.9: /or{_END}/i | /或者|或|\|\|?/
NOT.9: /not{_END}/i | /!(?!=)/ | /(?:不是|非)(?=\s*\()/
IN.9: /(?:in|within){_END}/i
FOR.9: /for{_END}/i
SINCE.9: /(?:since|自从?){_END}/i
BEFORE.9: /before{_END}/i
RANGE.9: /\.\.|至|到/
OP.9: />=|<=|==|!=|<>|≥|≤|≠|=|<|>/
DATE.8: /[0-9]{{4}}-[0-9]{{1,2}}-[0-9]{{1,2}}/
DURATION.7: /[0-9]{{1,5}}\s?(?:d|w|m|y|days?|weeks?|months?|years?|天|日|周|个?星期|个月|月|年){_END}/i
NUMBER.6: /[0-9]{{1,9}}(?:\.[0-9]{{1,3}})?{_END}/
PARAM.6: /\$[^{_STOPS}]+/
STRING.9: /'[^']*'|"[^"]*"|“[^”]*”|‘[^’]*’|「[^」]*」|『[^』]*』/
WORD.1: /{_WORD}/
%ignore /\s+/
"""

# What a person reads for a kind of token.
TOKENS = {
    "AND": "and（且）", "OR": "or（或）", "NOT": "not（不是）", "IN": "in（以内）", "FOR": "for", "SINCE": "since",
    "BEFORE": "before", "RANGE": "..", "OP": "比较（>= < =）", "DATE": "日期（2026-01-31）",
    "DURATION": "时长（90d、3m、1y）", "NUMBER": "数字", "PARAM": "$名字", "STRING": "带引号的文字",
    "WORD": "条件或名字", "LPAR": "（", "RPAR": "）", "COMMA": "逗号", "EQUAL": "=", "$END": "结束",
}  # fmt: skip


@cache
def parser() -> Any:
    """The lark parser; loading and building it takes a moment, so it is made when the first condition is read."""
    from lark import Lark

    return Lark(GRAMMAR, parser="lalr", lexer="contextual", maybe_placeholders=False, propagate_positions=True)
