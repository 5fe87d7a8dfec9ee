"""Machine and exported functions of a shared library, read from its bytes: ELF, Mach-O and PE, 64 bit."""

from __future__ import annotations

import struct
from collections.abc import Iterator

ELF = {183: "aarch64", 62: "x86_64"}  # e_machine
MACH = {0x0100000C: "aarch64", 0x01000007: "x86_64"}  # cputype
PE = {0xAA64: "aarch64", 0x8664: "x86_64"}  # machine


class NotALibrary(ValueError):
    """The bytes are no shared library that is known here."""


def read(data: bytes) -> tuple[str, str, set[str]]:
    """System ("linux", "macos", "windows"), machine ("aarch64", "x86_64") and names of exported functions.

    NotALibrary where the bytes are something else: an object file, a program, another format.
    """
    for magic, reader in ((b"\x7fELF\x02\x01", _elf), (b"\xcf\xfa\xed\xfe", _mach), (b"MZ", _pe)):
        if data.startswith(magic):
            return reader(data)
    raise NotALibrary(f"unknown magic {data[:4]!r}")


def _name(data: bytes, at: int) -> str:
    return data[at : data.index(b"\0", at)].decode()


def _known(kinds: dict[int, str], machine: int, library: bool) -> str:
    if not library:
        raise NotALibrary("no shared library, but a program or an object file")
    if machine not in kinds:
        raise NotALibrary(f"unknown machine {machine:#x}")
    return kinds[machine]


def _elf(data: bytes) -> tuple[str, str, set[str]]:
    kind, machine = struct.unpack_from("<HH", data, 16)
    where, size, count = *struct.unpack_from("<Q", data, 40), *struct.unpack_from("<HH", data, 58)
    sections = [struct.unpack_from("<IIQQQQIIQQ", data, where + k * size) for k in range(count)]
    names = set()
    for _, section, _, _, offset, length, link, *_ in sections:
        if section != 11:  # symbols for the dynamic linker
            continue
        for at in range(offset, offset + length, 24):
            name, info, _, defined_in = struct.unpack_from("<IBBH", data, at)
            if defined_in and info & 15 == 2:
                names.add(_name(data, sections[link][4] + name))
    return "linux", _known(ELF, machine, kind == 3), names


def _mach(data: bytes) -> tuple[str, str, set[str]]:
    machine, _, kind, commands = struct.unpack_from("<IIII", data, 4)
    names, at = set(), 32
    for _ in range(commands):
        command, size = struct.unpack_from("<II", data, at)
        if command == 2:  # the symbol table
            symbols, count, texts, _ = struct.unpack_from("<IIII", data, at + 8)
            for k in range(count):
                name, flags = struct.unpack_from("<IB", data, symbols + 16 * k)
                if flags & 0xEF == 0x0F:  # external, defined in a section, not hidden
                    names.add(_name(data, texts + name).removeprefix("_"))
        at += size
    return "macos", _known(MACH, machine, kind == 6), names


def _pe(data: bytes) -> tuple[str, str, set[str]]:
    start = struct.unpack_from("<I", data, 60)[0]
    machine, count = struct.unpack_from("<HH", data, start + 4)
    optional, flags = struct.unpack_from("<HH", data, start + 20)
    table = start + 24 + optional
    sections = [struct.unpack_from("<III", data, table + 40 * k + 12) for k in range(count)]

    def at(address: int) -> int:
        for begin, length, offset in sections:
            if begin <= address < begin + length:
                return address - begin + offset
        raise NotALibrary(f"address {address:#x} lies in no section")

    def listed() -> Iterator[str]:
        exports = struct.unpack_from("<I", data, start + 24 + 112)[0]
        if exports:
            number, _, texts = struct.unpack_from("<III", data, at(exports) + 24)
            for k in range(number):
                yield _name(data, at(struct.unpack_from("<I", data, at(texts) + 4 * k)[0]))

    return "windows", _known(PE, machine, bool(flags & 0x2000)), set(listed())
