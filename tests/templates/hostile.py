"""Texts that try to run code, read secrets, hang or eat memory: 200 and more, written out and generated.

ATTACKS must be refused. BURDENS may be refused or rendered, within the limits.
"""

from itertools import product

_CLASSICS = """
{{ config }}
{{ self }}
{{ self._TemplateReference__context }}
{{ self.__init__.__globals__ }}
{{ 7*7 }}
{{ 7*'7' }}
{{ '7'*7 }}
{{ 7**7 }}
{{ 2**10000000 }}
{{ 7//2 }}
{{ 7/2 }}
{{ 7%2 }}
{{ '%s' % name }}
{{ '%099999999d' % 1 }}
{{ 'a' * 1000000000 }}
{{ ('a' * 1000000000)|length }}
{{ name ~ name }}
{{ name + name }}
{{ [1] + [2] }}
{{ xs + xs }}
{{ [1, 2, 3] }}
{{ {'a': 1} }}
{{ (1, 2) }}
{{ request }}
{{ request.application.__globals__.__builtins__.__import__('os').popen('id').read() }}
{{ ''.__class__ }}
{{ ''.__class__.__mro__[1].__subclasses__() }}
{{ ''['__class__']['__mro__'][1]['__subclasses__']() }}
{{ ().__class__.__bases__[0].__subclasses__() }}
{{ [].__class__.__base__ }}
{{ {}.__class__ }}
{{ 1.0.__class__ }}
{{ true.__class__ }}
{{ none.__class__ }}
{{ name|attr('__class__') }}
{{ name|attr('upper')() }}
{{ name|attr('\\x5f\\x5fclass\\x5f\\x5f') }}
{{ name['\\x5f\\x5fclass\\x5f\\x5f'] }}
{{ name[('_'~'_class_'~'_')] }}
{{ name['__cl'+'ass__'] }}
{{ name['__class__'] }}
{{ m['__class__'] }}
{{ m['__init__']['__globals__'] }}
{{ m.get('a') }}
{{ m.pop('a') }}
{{ m.clear() }}
{{ m.update({}) }}
{{ m.items() }}
{{ m.keys }}
{{ m.values }}
{{ m.__len__() }}
{{ m.delete() }}
{{ xs.append(1) }}
{{ xs.append }}
{{ xs.sort() }}
{{ xs.__class__ }}
{{ xs[0:1] }}
{{ xs[::1] }}
{{ xs[n] }}
{{ m[name] }}
{{ name.upper() }}
{{ name.upper }}
{{ name.format(1) }}
{{ '{0.__class__}'.format(name) }}
{{ '{0.__class__.__init__.__globals__}'|format(name) }}
{{ name.format_map(m) }}
{{ name.encode() }}
{{ name.join }}
{{ n.bit_length() }}
{{ n.real }}
{{ n.numerator }}
{{ lipsum }}
{{ lipsum.__globals__ }}
{{ lipsum.__globals__['os'].popen('id').read() }}
{{ lipsum(n=100000) }}
{{ cycler }}
{{ cycler.__init__.__globals__.os.popen('id').read() }}
{{ joiner.__init__.__globals__ }}
{{ namespace.__init__.__globals__ }}
{{ namespace(a=1).a }}
{{ dict(a=1) }}
{{ dict.__base__ }}
{{ range(10) }}
{{ range(1000000000)|join }}
{{ range(99999)|sum }}
{{ get_flashed_messages.__globals__ }}
{{ url_for.__globals__ }}
{{ app }}
{{ os.environ }}
{{ open('/etc/passwd').read() }}
{{ __import__('os').environ }}
{{ __builtins__ }}
{{ environment }}
{{ context }}
{{ caller() }}
{{ caller }}
{{ varargs }}
{{ kwargs }}
{{ loop }}
{{ loop.index }}
{{ super() }}
{{ _ }}
{{ _('x') }}
{{ gettext('x') }}
{{ _each }}
{{ _scalar }}
{{ xs|_each(0) }}
{{ name|_scalar }}
{{ xs|_within }}
{{ audience }}
{{ name|safe }}
{{ name|e }}
{{ name|escape }}
{{ name|tojson }}
{{ name|pprint }}
{{ m|xmlattr }}
{{ m|dictsort }}
{{ m|items }}
{{ xs|map('upper')|list }}
{{ xs|map(attribute='__class__')|list }}
{{ rows|map(attribute='name')|join }}
{{ xs|select|list }}
{{ xs|groupby('__class__') }}
{{ xs|batch(100000000) }}
{{ xs|slice(100000000) }}
{{ xs|list }}
{{ xs|sort }}
{{ xs|unique }}
{{ xs|sum }}
{{ xs|reverse }}
{{ xs|random }}
{{ name|center(1000000000) }}
{{ name|indent(1000000000) }}
{{ name|wordwrap(1) }}
{{ name|format(1) }}
{{ name|urlize }}
{{ name|striptags }}
{{ name|filesizeformat }}
{{ name|upper() if name.__class__ }}
{{ name|truncate(*xs) }}
{{ name|truncate(**m) }}
{{ name|default(**m) }}
{{ name|join(attribute=name) }}
{{ rows|join(',', attribute='__class__') }}
{{ rows|join(',', name) }}
{{ rows|join }}
{{ rows }}
{{ m }}
{{ m|string }}
{{ rows|first }}
{{ rows|string }}
{{ name|round(1000000000) }}
{{ f|round(1000000000) }}
{{ name is mapping }}
{{ name is callable }}
{{ name is sameas name }}
{{ name is filter }}
{{ n is divisibleby(0) }}
{{ m == m }}
{{ rows == rows }}
{{ rows in rows }}
{{ name in [name] }}
{% include '/etc/passwd' %}
{% include 'points/balance.txt' %}
{% include name %}
{% include ['a', 'b'] %}
{% import 'os' as os %}{{ os.environ }}
{% import 'x' as x %}
{% from 'os' import environ %}{{ environ }}
{% from 'x' import y with context %}
{% extends 'x' %}
{% extends name %}
{% block a %}x{% endblock %}
{% block a scoped %}{{ self.a() }}{% endblock %}
{% macro a() %}x{% endmacro %}
{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}
{% call m() %}x{% endcall %}
{% filter upper %}x{% endfilter %}
{% filter attr('x') %}x{% endfilter %}
{% with a = 1 %}{{ a }}{% endwith %}
{% autoescape true %}x{% endautoescape %}
{% do xs.append(1) %}
{% set a %}x{% endset %}{{ a }}
{% set a | upper %}x{% endset %}{{ a }}
{% set a, b = xs %}{{ a }}
{% set m.a = 2 %}{{ m.a }}
{% set ns = namespace() %}{{ ns }}
{% set self = 1 %}{{ self }}
{% set loop = 1 %}{{ loop }}
{% set _each = 1 %}{{ _each }}
{% set x = name.__class__ %}{{ x }}
{% for x in range(10) %}{{ x }}{% endfor %}
{% for x in name %}{{ x }}{% endfor %}
{% for x in m %}{{ x }}{% endfor %}
{% for x in n %}{{ x }}{% endfor %}
{% for x in [1, 2] %}{{ x }}{% endfor %}
{% for x in 'abc' %}{{ x }}{% endfor %}
{% for x, y in m.items() %}{{ x }}{% endfor %}
{% for x, y in rows %}{{ x }}{% endfor %}
{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}
{% for x in rows recursive %}{{ loop(rows) }}{% endfor %}
{% for x in rows %}{{ loop }}{% endfor %}
{% for x in rows %}{{ loop.__class__ }}{% endfor %}
{% for x in rows %}{{ loop.cycle('a', 'b') }}{% endfor %}
{% for x in rows %}{{ loop.changed(x) }}{% endfor %}
{% for x in rows %}{{ loop.previtem }}{% endfor %}
{% for x in rows %}{{ loop['index'] }}{% endfor %}
{% for x in rows %}{{ x.__class__ }}{% endfor %}
{% for x in rows %}{{ x.name.upper() }}{% endfor %}
{% for loop in rows %}{{ loop }}{% endfor %}
{% for _x in rows %}{{ _x }}{% endfor %}
{% for x.name in rows %}{{ x }}{% endfor %}
{% for x in rows if x.__class__ %}{{ x }}{% endfor %}
{% for x in rows|sort %}{{ x }}{% endfor %}
{% if ''.__class__ %}x{% endif %}
{% if name.__class__ %}x{% endif %}
{% if os.system('id') %}x{% endif %}
{% print name.__class__ %}
{% break %}
{% continue %}
{% debug %}
{% trans %}x{% endtrans %}
{% python %}import os{% endpython %}
{% raw %}x
{% if name %}x
{{ name
{# x
"""

_DUNDERS = ("__class__", "__dict__", "__init__", "__globals__", "__builtins__", "__reduce_ex__", "__subclasshook__")
_VALUES = ("name", "n", "m", "xs", "rows[0]", "nobody")
_FORMS = ("{{ %s.%s }}", "{{ %s['%s'] }}", "{{ %s|attr('%s') }}", "{%% if %s.%s %%}x{%% endif %%}")

ATTACKS = [line for line in _CLASSICS.splitlines() if line] + [
    form % pair for form, pair in product(_FORMS, product(_VALUES, _DUNDERS))
]

BURDENS = {
    "nested loops": "{% for a in xs %}{% for b in xs %}{% for c in xs %}{{ c }}{% endfor %}{% endfor %}{% endfor %}z",
    "nested silent loops": "{% for a in xs %}{% for b in xs %}{% for c in xs %}{% endfor %}{% endfor %}{% endfor %}z",
    "four loops": "{% for a in xs %}" * 4 + "{% endfor %}" * 4 + "z",
    "a long loop": "{% for a in xs %}" + "{% set b = a %}" * 400 + "{% endfor %}z",
    "many loops": "{% for a in xs %}{% endfor %}" * 280 + "z",
    "a long filter in a loop": "{% for a in xs %}{% set b = long|upper %}{% endfor %}z",
    "filters in a row": "{{ long" + "|upper" * 1300 + " }}",
    "fifty filters": "{{ long" + "|upper" * 50 + " }}",
    "strange names in a loop": "{% for a in xs %}{% set b = strange|name %}{% endfor %}z",
    "accents in a loop": "{% for a in xs %}{% set b = accents|truncate(7000) %}{% endfor %}z",
    "search in a loop": "{% for a in xs %}{% if 'zz' in long %}{% endif %}{% endfor %}z",
    "search in a list in a loop": "{% for a in xs %}{% if name in xs %}{% endif %}{% endfor %}z",
    "compare in a loop": "{% for a in xs %}{% if long == same %}{% endif %}{% endfor %}z",
    "join in a loop": "{% for a in xs %}{% set b = xs|join %}{% endfor %}z",
    "join with a long text": "{{ xs|join(long) }}",
    "join of joins": "{% set a = xs|join('字') %}{% set b = xs|join(a) %}{% set c = xs|join(b) %}{{ c }}",
    "replace that grows": "{% set a = 'aaaaaaaaaa' %}" + "{% set a = a|replace('a', a) %}" * 20 + "{{ a|length }}",
    "default that grows": "{% set a = name %}" + "{% set a = a|default(a) %}" * 100 + "{{ a }}",
    "a long value": "{{ long }}",
    "a long value many times": "{{ long }}" * 500,
    "numbers that double": "{% set a = n %}" + "{% set a = a + a %}" * 300 + "{{ a }}",
    "a long sum": "{{ n" + "+n" * 3000 + " }}",
    "a long and": "{{ n" + " and n" * 1200 + " }}",
    "brackets": "{{ " + "(" * 4000,
    "closed brackets": "{{ " + "(" * 500 + "n" + ")" * 500 + " }}",
    "nots": "{{ " + "not " * 1500 + "n }}",
    "minus signs": "{{ " + "-" * 4000 + "n }}",
    "dots": "{{ m" + ".a" * 3000 + " }}",
    "ifs": "{% if n %}" * 300 + "x" + "{% endif %}" * 300,
    "elifs": "{% if n == 1 %}x" + "{% elif n == 2 %}y" * 300 + "{% endif %}z",
    "conditions": "{{ " + "n if n else " * 500 + "n }}",
    "comparisons": "{{ n" + " < n" * 1500 + " }}",
    "outputs": "{{ n }}" * 1000,
    "a number of 5,000 digits": "{{ " + "9" * 5000 + " }}",
    "a float of 5,000 digits": "{{ 1." + "9" * 5000 + "e9999 }}",
    "tag openers": "{%" * 4000,
    "value openers": "{{" * 4000,
    "comment openers": "{#" * 4000,
    "tags on one line": "{% if n %}{% endif %}" * 380 + "x",
    "half tags on one line": "{% " * 2000 + "x",
    "line ends": "\n" * 8000 + "x",
    "spaces": " " * 8000 + "x",
    "whitespace control": "{%- if n -%} " * 1 + " \n" * 3000 + "{%- endif -%}z",
    "quotes": "{{ '" + "\\'" * 3000,
    "too much source": "好" * 8192,
}
