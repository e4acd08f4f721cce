#!/usr/bin/env python3
"""Writes pamqp.txt beside this script: AMQP frames as PyPI's `pamqp` encodes them, for the codec's tests.

    pip install pamqp==4.0.1 && python3 make_fixtures.py

One line a frame: kind, name, variant, channel, the whole frame in hexadecimal, and for methods the arguments as
`name=value` in pamqp's names, separated by `;` (a table only as `name=table`).
"""

import datetime
import decimal
import inspect
import pathlib

from pamqp import commands, encode, frame, header

CHANNEL = 7
OUT = pathlib.Path(__file__).with_name("pamqp.txt")

# What field tables hold: every type of value pamqp can be told to write.
TABLE = {
    "bool": True,
    "text": "täglich",
    "long": 2**40,
    "negative": -5,
    "small": 3,
    "octet": 200,
    "short": -200,
    "unsigned-short": 40000,
    "word": -40000,
    "unsigned-word": 3_000_000_000,
    "double": 1.5,
    "decimal": decimal.Decimal("3.14"),
    "time": datetime.datetime(2023, 11, 14, 22, 13, 20, tzinfo=datetime.timezone.utc),
    "bytes": bytearray(b"\x00\x01\xff"),
    "list": [1, "two", False, {"three": 3}],
    "nested": {"a": {"b": None}},
    "void": None,
}


def value(kind, place, variant):
    """The value of the argument in that place: zeros and empties in variant 0, something in the others."""
    if kind == "bit":
        return variant == 1 or (variant == 2 and place % 2 == 0)
    if kind in ("octet", "short", "long", "longlong"):
        return 0 if variant == 0 else place + variant
    if kind in ("shortstr", "longstr"):
        return "" if variant == 0 else f"text-{place}-{variant}"
    if kind == "table":
        return {} if variant == 0 else {"key": "value", "number": place} if variant == 1 else dict(TABLE)
    raise ValueError(kind)


RESERVED = {
    ("Connection.Open", "capabilities"), ("Connection.Open", "insist"), ("Connection.OpenOk", "known_hosts"),
    ("Channel.Open", "out_of_band"), ("Channel.OpenOk", "channel_id"), ("Basic.GetEmpty", "cluster_id"),
}


def methods():
    for space in (commands.Connection, commands.Channel, commands.Exchange, commands.Queue, commands.Basic,
                  commands.Tx, commands.Confirm):
        for _, method in inspect.getmembers(space, inspect.isclass):
            if hasattr(method, "synchronous"):
                yield method


def main():
    # pamqp picks the type of an integer by its size unless told to keep to what old brokers read.
    encode.support_deprecated_rabbitmq(False)
    lines = []
    for method in sorted(methods(), key=lambda m: m.index):
        for variant in range(3):
            arguments = {}
            for place, name in enumerate(method.attributes()):
                kind = method.amqp_type(name)
                if name == "ticket" or (method.name, name) in RESERVED:
                    continue
                arguments[name] = value(kind, place, variant)
            made = method.__new__(method)
            # Reserved arguments are written empty, where pamqp wants its own defaults ("0") in some.
            made.validate = lambda: None
            for name in method.attributes():
                kind = method.amqp_type(name)
                setattr(made, name, arguments.get(name, value(kind, 0, 0)))
            data = frame.marshal(made, CHANNEL)
            shown = ";".join(
                f"{name}={'table' if isinstance(entry, dict) else str(entry).lower()}" for name, entry in arguments.items())
            lines.append(f"method {method.name} {variant} {CHANNEL} {data.hex()} {shown}".rstrip())

    names = commands.Basic.Properties.attributes()
    sets = [("none", []), ("all", names)] + [(name, [name]) for name in names] + [
        (f"first-{count}", names[:count]) for count in range(2, len(names))
    ]
    values = {
        "content_type": "text/plain", "content_encoding": "gzip", "headers": {"k": "v", "n": 1}, "delivery_mode": 2,
        "priority": 9, "correlation_id": "correlation", "reply_to": "reply", "expiration": "60000",
        "message_id": "message", "timestamp": datetime.datetime.fromtimestamp(1700000000, datetime.timezone.utc),
        "message_type": "type", "user_id": "user", "app_id": "app", "cluster_id": "cluster",
    }
    for label, chosen in sets:
        properties = commands.Basic.Properties(**{
            name: values[name] for name in chosen if name != "cluster_id"})
        if "cluster_id" in chosen:
            properties.cluster_id = values["cluster_id"]
        data = frame.marshal(header.ContentHeader(0, 123456789, properties), CHANNEL)
        lines.append(f"header {label} 0 {CHANNEL} {data.hex()}")

    for name, entry in TABLE.items():
        lines.append(f"table {name} 0 0 {encode.field_table({name: entry}).hex()}")
    lines.append(f"table all 0 0 {encode.field_table(TABLE).hex()}")
    OUT.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
