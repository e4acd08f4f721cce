#!/usr/bin/env python3
"""Writes ColumnClass+Table.swift: how many columns of a terminal each Unicode scalar takes.

    python3 Sources/Screen/Scripts/column-classes.py > Sources/Screen/ColumnClass+Table.swift
    python3 Sources/Screen/Scripts/column-classes.py --check      (differences from the C library's wcwidth)

Made from Python's unicodedata (general category and East Asian Width). The rules are those of glibc's
wcwidth, which ncurses and tmux ask, so that columns are where the terminal puts them; and whatever
is invisible, reorders text, or is unassigned is never shown as it is (class 0).
"""
import sys
import unicodedata

ESCAPE, MARK, ONE, TWO = 0, 1, 2, 3
# Invisible though not of category Cf: default ignorable code points of Unicode's DerivedCoreProperties.txt.
INVISIBLE = {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0}
INVISIBLE |= set(range(0x180B, 0x1810)) | set(range(0xFE00, 0xFE10)) | set(range(0xE0000, 0xE1000))


def column_class(code):
    character = chr(code)
    category = unicodedata.category(character)
    if category in ("Cc", "Cf", "Cs", "Cn", "Zl", "Zp") or code in INVISIBLE:
        return ESCAPE
    if category in ("Mn", "Me") or 0x1160 <= code <= 0x11FF or 0xD7B0 <= code <= 0xD7FB:
        return MARK
    if unicodedata.east_asian_width(character) in ("W", "F") or 0x3248 <= code <= 0x324F or 0x4DC0 <= code <= 0x4DFF:
        return TWO
    return ONE


def ranges():
    previous = None
    for code in range(0x110000):
        now = column_class(code)
        if now != previous:
            yield code, now
        previous = now


def check():
    import ctypes
    import locale

    locale.setlocale(locale.LC_ALL, "C.UTF-8")
    wcwidth = ctypes.CDLL(None).wcwidth
    wcwidth.argtypes = [ctypes.c_uint32]
    expected = {MARK: 0, ONE: 1, TWO: 2}
    for code in range(0x110000):
        now = column_class(code)
        if now != ESCAPE and wcwidth(code) != expected[now]:
            print(f"U+{code:04X} {unicodedata.name(chr(code), '?')}: {expected[now]}, wcwidth {wcwidth(code)}")


def write():
    rows = [f"0x{(code << 2) | now:x}" for code, now in ranges()]
    print(f"// Made by Scripts/column-classes.py from Unicode {unicodedata.unidata_version}. Not edited by hand.")
    print()
    print("// swift-format-ignore-file")
    print("extension ColumnClass {")
    print("    /// Where each run of scalars of one class begins, ascending: the first scalar × 4 + the class.")
    print("    static let runs: [UInt32] = [")
    line = "       "
    for row in rows:
        if len(line) + len(row) + 2 > 118:
            print(line)
            line = "       "
        line += f" {row},"
    print(line)
    print("    ]")
    print("}")


check() if "--check" in sys.argv else write()
