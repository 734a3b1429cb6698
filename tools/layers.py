# SPDX-License-Identifier: Apache-2.0
"""The law that tools/check_layers enforces: docs/design.md, sections 2 and 8, as tables."""

# Folder under src/astrolabe -> rank. A folder includes strictly lower ranks only.
RANKS = {
    "base": 0,
    "stats": 1,
    "tensor": 1,
    "store": 1,
    "data": 2,
    "gemm": 2,
    "graph": 2,
    "privacy": 2,
    "data/readers": 3,  # the plug-in: sees the reader interface, seen by nobody
    "model": 3,
    "parts": 3,
    "passes": 3,
    "lower": 3,
    "codegen": 4,
    "tiles": 4,
    "runtime": 5,
    "features": 6,
    "train": 6,
    "learners/*": 7,
    "evaluate": 8,
    "search": 8,
    "pipeline": 9,
    "system": 10,
    "evidence": 11,
    "report": 12,
    "workflow": 13,
    "serve": 14,
    "cli": 15,
}

# Third-party header (by prefix) -> the folders that may see it. "*" is everybody.
THIRD_PARTY = {
    "fmt/": ["*"],
    "spdlog/": ["serve", "cli"],
    "xxhash.h": ["base"],
    "sqlite3.h": ["store"],
    "libpq-fe.h": ["store"],
    "boost/math/": ["stats"],
    "boost/asio": ["serve"],
    "boost/beast": ["serve"],
    "openssl/": ["serve"],
    "Eigen/": ["learners/kernel", "learners/linear", "stats", "evidence"],
    "unsupported/Eigen/": ["privacy"],
    "arrow/": ["data/readers"],
    "parquet/": ["data/readers"],
    "zlib.h": ["data/readers"],
    "zstd.h": ["data/readers"],
    "png.h": ["data/readers"],
    "jpeglib.h": ["data/readers"],
    "jerror.h": ["data/readers"],
    "date/": ["features"],
    "nlohmann/": ["search", "pipeline", "system", "evidence", "report", "workflow", "serve", "cli"],
    "simdjson.h": ["serve"],
    "toml++/": ["system", "workflow"],
    "CLI/": ["cli"],
    "llvm/": ["codegen"],
}

# Headers of the C library and the kernel that any folder may see.
SYSTEM = {
    "dlfcn.h", "errno.h", "fcntl.h", "emmintrin.h", "immintrin.h", "locale.h", "poll.h", "pthread.h", "sched.h", "signal.h",
    "execinfo.h", "malloc.h", "stdlib.h", "time.h", "unistd.h",
}  # fmt: skip
SYSTEM_PREFIXES = ("sys/",)


def rank_of(folder: str) -> int | None:
    parent = folder.rpartition("/")[0]
    return RANKS.get(folder, RANKS.get(f"{parent}/*") if parent else None)


def target_of(folder: str) -> str:
    """The name by which `astrolabe_module` and DEPENDS know a folder."""
    return folder.replace("/", "_")
