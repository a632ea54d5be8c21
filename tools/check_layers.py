#!/usr/bin/env python3
"""Checks that every #include obeys the memoir_layer() calls in the CMakeLists."""
import pathlib
import re
import sys

# Read in this order, so that a layer's DEPS stand before it.
LISTS = ["runtime/CMakeLists.txt", "preload/CMakeLists.txt", "CMakeLists.txt"]

# What code inside the traced program may take from the standard library: headers
# that allocate nothing, lock nothing and throw nothing.
TRACEE_STD = set("""algorithm array atomic bit cerrno concepts cstddef cstdint
cstring limits new optional span string_view type_traits utility""".split())

CALL = re.compile(r"^memoir_layer\(([^)]*)\)", re.M)
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]', re.M)
SOURCES = {".h", ".c", ".cpp", ".inc"}


def parse_call(arguments: str):
    """The name, the side and the DEPS of one memoir_layer() call."""
    name, side, *rest = re.sub(r"#.*", "", arguments).split()
    deps, keyword = set(), None
    for word in rest:
        if word in ("DEPS", "LIBS"):
            keyword = word
        elif keyword == "DEPS":
            deps.add(word)
    return name, side, deps


def read_layers(root: pathlib.Path, errors: list):
    """(name, side, deps, folder) of every layer, bottom up; tells what is out of order."""
    sides = {"memoir": "LINKED"}  # the public headers
    layers = [("memoir", "LINKED", set(), root / "runtime/include/memoir")]
    for path in LISTS:
        for arguments in CALL.findall((root / path).read_text()):
            name, side, deps = parse_call(arguments)
            if side not in ("TRACEE", "LINKED", "HOST"):
                errors.append(f"{path}: {name} has the unknown side {side}")
            for dep in sorted(deps):
                if dep not in sides:
                    errors.append(f"{path}: {name} depends on {dep}, which is not below it")
                elif side == "TRACEE" and sides[dep] != "TRACEE":
                    errors.append(f"{path}: {name} (TRACEE) depends on {dep} ({sides[dep]})")
            sides[name] = side
            layers.append((name, side, deps, (root / path).parent / name))
    known = {folder for _, _, _, folder in layers} | {root / "runtime/include"}
    for parent in {folder.parent for folder in known} - {root}:
        for folder in sorted(parent.iterdir() if parent.is_dir() else []):
            if folder.is_dir() and folder not in known and any(folder.rglob("*.[hc]*")):
                errors.append(f"{folder.relative_to(root)}: no memoir_layer() names this folder")
    return layers


def check_file(root, file, name, side, allowed, errors):
    where = file.relative_to(root)
    for quote, included in INCLUDE.findall(file.read_text()):
        if quote == '"' and included.split("/")[0] not in allowed:
            errors.append(f'{where}: {name} may not include "{included}"')
        is_std = quote == "<" and "." not in included
        if is_std and side == "TRACEE" and included not in TRACEE_STD:
            errors.append(f"{where}: no <{included}> inside the traced program")


def main(root: pathlib.Path) -> int:
    errors = []
    layers = read_layers(root, errors)
    for name, side, deps, folder in layers:
        for file in sorted(folder.rglob("*")):
            if file.suffix in SOURCES:
                check_file(root, file, name, side, deps | {name, "memoir"}, errors)
    print("\n".join(errors) or f"{len(layers)} layers, all includes in order")
    return bool(errors)


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve()))
