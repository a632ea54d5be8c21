"""The two tables of docs/allocators.md that bench/alloc_levels fills: what an allocation
costs, and what became of what the designs claim. Each row is a label or a sentence, made with
what was measured; Figures says by which benchmark.
"""
import re

LEVELS = ("off", "checked", "recorded")
HANDLES = ("memory_pool", "hybrid", "block_pool", "sized_pool", "vector_pool", "arena", "move",
           "wrap", "shared_copy", "system", "unique", "shared")


class Figures:
    """figures(level, topic, benchmark): CPU nanoseconds of one iteration, or what else a
    benchmark says of it (a counter, real_time). `measured` is {topic: {level: {benchmark:
    {what: figure}}}}; None makes 1 of everything, and remembers what was asked for."""

    def __init__(self, measured=None):
        self.measured = measured
        self.asked = {}

    def __call__(self, level, topic, benchmark, what="cpu_time"):
        self.asked.setdefault(topic, set()).add(benchmark)
        if self.measured is None:
            return 1.0
        found = self.measured.get(topic, {}).get(level, {}).get(benchmark)
        if found is None or what not in found:
            raise KeyError(f"alloc_{topic} has no {what} of {benchmark}, {level}")
        return found[what]


def short(figure):
    if figure < 1:
        return f"{figure:.2f}"
    return f"{figure:.1f}" if figure < 20 else f"{figure:,.0f}"


def us(figure):
    return f"{short(figure / 1e3)} us"


def ms(figure):
    return f"{short(figure / 1e6)} ms"


def kib(figure):
    return f"{figure / 1024:,.0f} KiB"


def on_threads(benchmark, *counts):
    return [f"{benchmark}/real_time/threads:{count}" for count in counts]


def cost_rows(figures):
    """(label, off, checked, recorded)"""

    def off(topic, benchmark, per=1):
        return short(figures("off", topic, benchmark) / per)

    # Of each group one or several benchmarks: a; b / c.
    def row(label, topic, *groups, levels=LEVELS, per=1):
        cells = ["; ".join(" / ".join(short(figures(level, topic, one) / per)
                                      for one in group) for group in groups)
                 if level in levels else "-" for level in LEVELS]
        return (label, *cells)

    blocks = "block_pool"
    yield row("`malloc` 64 B, 1 / 4 threads", blocks,
              on_threads("pair<from_malloc<64>>", 1, 4), levels=("off", "recorded"))
    yield row("`block_pool` 64 B, 1 / 2 / 4 threads", blocks,
              on_threads("pair_block_pool<64>", 1, 2, 4))
    for size, name in ((1024, "1 KiB"), (4096, "4 KiB")):
        malloc = off(blocks, *on_threads(f"pair<from_malloc<{size}>>", 1))
        yield row(f"`block_pool` {name} (`malloc`: {malloc})", blocks,
                  on_threads(f"pair_block_pool<{size}>", 1))
    malloc = off(blocks, *on_threads("batch<from_malloc<64>>", 1), per=32)
    yield row(f"`block_pool` 64 B, 32 out, then 32 back, each (`malloc`: {malloc})", blocks,
              on_threads("batch_block_pool<64>", 1), per=32)
    yield row("`block_pool` without caches of threads, 1 / 4 threads", blocks,
              on_threads("pair_block_pool_locked", 1, 4))
    for kind, name in (("raw", "`memory_pool`"), ("buffer", "`memory_pool` as `buffer`,")):
        one = f"pair_{kind}<memoir::memory_pool>/64"
        yield row(f"{name} 64 B, 1 / 2 / 4 threads", "ziggy", [one, *on_threads(one, 2, 4)])
    one = "pair_buffer<memoir::hybrid_allocator>/64"
    yield row("`hybrid_allocator` 64 B", "ziggy", [one])
    yield row("`system_allocator` 64 B", "ziggy", ["pair_raw<memoir::system_allocator>/64"])
    yield row("`sized_pool` 1 KiB; with caches of threads, 1 / 4 threads", "streams",
              ["sized_pool_acquire/1024"],
              [f"sized_pool_threads/8/threads:{count}" for count in (1, 4)])
    malloc = off("arena", "batch_malloc/64", per=256)
    yield row(f"`arena` 64 B, one of 256 before a reset (`malloc`: {malloc})", "arena",
              ["batch_arena/64"], per=256)
    yield row("`scoped_allocator`, the same", "arena", ["batch_scoped/64"], per=256)
    yield row("`tensor_arena`, the same", "arena", ["batch_tensors/64"], per=256)
    yield row("`tensor_arena` alloc and drop, 64 B", "arena", ["pair_tensor/64"])
    yield row("`std::pmr` pool, synchronized, 1 / 4 threads; unsynchronized", blocks,
              on_threads("pair<from_synchronized<64>>", 1, 4),
              ["pair<from_unsynchronized<64>>/real_time"], levels=("off",))
    yield row("`std::pmr::monotonic_buffer_resource`, one of 256", "arena",
              ["batch_monotonic/64"], levels=("off",), per=256)
    yield row("`boost::pool` with a mutex, 1 / 4 threads; without a lock", blocks,
              on_threads("pair<from_boost_locked<64>>", 1, 4),
              ["pair<from_boost<64>>/real_time"], levels=("off",))
    for size, name in ((16, "16 B"), (4096, "4 KiB")):
        copies = off("streams", f"two_memcpys/{size}")
        yield row(f"`byte_ring` {name} in and out (two `memcpy`s: {copies})", "streams",
                  [f"ring_through<byte_ring>/{size}"])


def claim_rows(figures):
    """(row, claim, found)"""

    def off(topic, benchmark, per=1, what="cpu_time"):
        return figures("off", topic, benchmark, what) / per

    def ns(topic, benchmark, per=1):
        return short(off(topic, benchmark, per))

    def with_threads(topic, benchmark, count):
        return ns(topic, *on_threads(benchmark, count))

    yield ("BJ-P1", "minimal overhead",
           f"an allocation from an arena takes {ns('arena', 'batch_arena/64', 256)} ns of "
           f"malloc's {ns('arena', 'batch_malloc/64', 256)}, and of the "
           f"{ns('arena', 'batch_monotonic/64', 256)} of `monotonic_buffer_resource`; of 1 KiB "
           f"{ns('arena', 'batch_arena/1024', 256)} of {ns('arena', 'batch_malloc/1024', 256)}; "
           f"where sizes are mixed {ns('arena', 'mixed_arena', 256)} of "
           f"{ns('arena', 'mixed_malloc', 256)}; one from a tensor_arena "
           f"{ns('arena', 'batch_tensors/64', 256)}")
    yield ("BJ-P2", "presized, nothing grows",
           f"{off('arena', 'presized/1', what='growths'):.0f} growths; "
           f"{off('arena', 'presized/0', what='growths'):.0f} from empty")
    pool, malloc = "pair_block_pool<64>", "pair<from_malloc<64>>"
    yield ("PT-P1", "faster than malloc for small blocks",
           f"with blocks at hand for each thread: {with_threads('block_pool', pool, 1)} ns of "
           f"malloc's {with_threads('block_pool', malloc, 1)}, and with 4 threads "
           f"{with_threads('block_pool', pool, 4)} of {with_threads('block_pool', malloc, 4)}; "
           f"not with one lock: {with_threads('block_pool', 'pair_block_pool_locked', 1)}, and "
           f"{with_threads('block_pool', 'pair_block_pool_locked', 4)}. boost's pool without a "
           f"lock, for one thread: {ns('block_pool', 'pair<from_boost<64>>/real_time')}")
    yield ("FQ-P1", "pool size balances memory and misses",
           "16 buffers of 4 KiB out at once: " + ", ".join(
               f"{ns('streams', f'vector_pool_cap/{keep}', 16)} ns each where {keep} "
               f"{'is' if keep == 1 else 'are'} kept "
               f"({kib(off('streams', f'vector_pool_cap/{keep}', what='idle bytes'))} idle, "
               f"{off('streams', f'vector_pool_cap/{keep}', what='miss rate'):.0%} misses)"
               for keep in (1, 4, 16)))
    yield ("FQ-P2", "larger buffers, fewer reads",
           "8 MB of lines: " + ", ".join(
               f"{ms(off('streams', f'read_lines/{size}'))} with {name} "
               f"({off('streams', f'read_lines/{size}', what='reads'):,.0f} reads)"
               for size, name in ((4096, "4 KiB"), (8192, "8 KiB"), (65536, "64 KiB"),
                                  (1048576, "1 MiB"))))
    yield ("FQ-P3", "allocating at the start costs there",
           f"{us(off('streams', 'preallocation_start'))} for 64 buffers of 64 KiB; then "
           f"{ns('streams', 'preallocation_steady')} ns a turn, and "
           f"{ns('streams', 'allocation_each_time')} with malloc each time")
    yield ("FQ-P4", "resets against a larger arena",
           "a block of 64 bytes: " + ", ".join(
               f"{ns('arena', f'resets/{size}')} ns from {name}"
               for size, name in ((4096, "4 KiB"), (65536, "64 KiB"), (1048576, "1 MiB"),
                                  (16777216, "16 MiB"))))
    buffered, turns = "double_buffered/real_time", "in_turns/real_time"
    yield ("FQ-P5", "double buffering hides waiting",
           f"{ms(off('streams', buffered, what='real_time'))} in place of "
           f"{ms(off('streams', turns, what='real_time'))}; for each batch of 20 us the writer "
           f"waits {us(off('streams', buffered, what='writer waits ns'))}, the reader "
           f"{us(off('streams', buffered, what='reader waits ns'))}")
    yield ("FR-P1", "extreme efficiency",
           f"{ns('streams', 'sized_pool_acquire/1024')} ns for 1 KiB, malloc "
           f"{ns('streams', 'malloc_free/1024')}; for 64 KiB "
           f"{ns('streams', 'sized_pool_acquire/65536')} and "
           f"{ns('streams', 'malloc_free/65536')}; for 16 MiB "
           f"{ns('streams', 'sized_pool_acquire/16777216')} and "
           f"{ns('streams', 'malloc_free/16777216')}")
    yield ("FR-P2", "O(1)",
           f"flat: {ns('streams', 'sized_pool_acquire/1024')} ns for 1 KiB, "
           f"{ns('streams', 'sized_pool_acquire/16777216')} for 16 MiB. Zeroing is what is "
           f"not: {us(off('streams', 'sized_pool_acquire_zeroed/1048576'))} for 1 MiB")

    def idle(name):
        return (f"{kib(off('retention', name, what='idle_bytes'))} in "
                f"{off('retention', name, what='idle_blocks'):,.0f} blocks")

    yield ("FR-P3", "preventing fragmentation",
           "after a thousand sizes from 1 to 37 KiB, 32 out at a time, 4 of each kept: a list "
           f"for each size has {idle('sizes_exact')} idle; size classes "
           f"{idle('sizes_classes')}; with a cap of 256 KiB {idle('sizes_classes_capped')}; "
           f"as it is by default, 64 of each, {idle('sizes_classes_trimmed')}. "
           f"malloc keeps {idle('sizes_malloc')}, `std::pmr`'s pool {idle('sizes_std_pool')}. A "
           f"block takes {ns('retention', 'sizes_classes', 1000)} ns from classes, and "
           f"{ns('retention', 'sizes_malloc', 1000)} from malloc")
    yield ("FR-P4", "thread-local pools",
           "with 1, 2, 4 threads " + ", ".join(
               ns("streams", f"sized_pool_threads/8/threads:{count}") for count in (1, 2, 4))
           + " ns; without " + ", ".join(
               ns("streams", f"sized_pool_threads/0/threads:{count}") for count in (1, 2, 4)))
    yield ("ZA-P1", "conversion to a span costs nothing",
           f"{ns('ziggy', 'sum_pointer')} ns for a thousand ints by pointer, "
           f"{ns('ziggy', 'sum_span')} by span, {ns('ziggy', 'sum_checked')} with checks")
    yield ("ZA-P2", "a pool avoids system calls",
           f"malloc makes none either at 1 KiB ({ns('ziggy', 'pair_malloc/1024')} ns; the pool "
           f"{ns('ziggy', 'pair_raw<memoir::memory_pool>/1024')}); mmap takes "
           f"{us(off('ziggy', 'pair_mmap/1024'))}")

    def asks(name, level="off"):
        return round(figures(level, "retention", f"handle_{name}", "allocations"))

    added = sum(asks(name, "checked") - asks(name) for name in HANDLES)

    yield ("ZA-P3", "no hidden allocation",
           f"for each handle, warm: a `memory_pool`'s {asks('memory_pool')}, "
           f"`hybrid_allocator`'s {asks('hybrid')}, `block_pool`'s {asks('block_pool')}, "
           f"`sized_pool`'s {asks('sized_pool')}, `vector_pool`'s {asks('vector_pool')}, an "
           f"`arena`'s {asks('arena')}; a move {asks('move')}, foreign memory "
           f"{asks('wrap')}, a copy of a `shared_buffer` {asks('shared_copy')}; the "
           f"`system_allocator`'s {asks('system')}, `unique_buffer` {asks('unique')}: its "
           f"memory; `shared_buffer` {asks('shared')}, as `shared_ptr` {asks('std_shared')}. "
           f"Tracking adds {added}")
    yield ("ZA-P4", "safety without sacrificing performance",
           "a `memory_pool`'s buffer of 64 B " + ", ".join(
               f"{short(figures(level, 'ziggy', 'pair_buffer<memoir::memory_pool>/64'))} ns "
               f"{level}" for level in LEVELS) + "; of 4 KiB, which is filled each time, "
           + ", ".join(
               short(figures(level, "ziggy", "pair_buffer<memoir::memory_pool>/4096"))
               for level in LEVELS))
    sizes = ((64, "64 B"), (2048, "2 KiB"), (16384, "16 KiB"))
    large = "pair_raw<memoir::large_block_allocator>/33554432"
    yield ("ZA-P5", "thresholds from measurement",
           "inverted on glibc: the small tier is what malloc does best. " + "; ".join(
               f"{name}: malloc {ns('ziggy', f'pair_malloc/{size}')} ns, slabs "
               f"{ns('ziggy', f'pair_raw<memoir::slab_allocator>/{size}')}, pool "
               f"{ns('ziggy', f'pair_raw<memoir::memory_pool>/{size}')}"
               for size, name in sizes)
           + f"; 32 MiB: {ms(off('ziggy', 'pair_malloc/33554432'))} against "
           f"{ms(off('ziggy', large))} of kept blocks")
    yield ("ZA-P6", "one large block, not many small ones",
           f"{ns('ziggy', 'one_large')} ns against {us(off('ziggy', 'thousand_small'))} for a "
           f"thousand; a buffer made in the loop {ns('ziggy', 'in_the_loop')} ns, before it "
           f"{ns('ziggy', 'before_the_loop')}; 64 KiB zeroed {ns('ziggy', 'zeroed/65536')} ns, "
           f"1 KiB {ns('ziggy', 'zeroed/1024')}")


TABLES = {
    "costs": ("| an allocation and its release | off | checked | recorded |\n|---|---|---|---|\n",
              cost_rows),
    "claims": ("| row | claim | found |\n|---|---|---|\n", claim_rows),
}


def tables(figures):
    """{name: markdown}"""
    return {name: head + "".join("| " + " | ".join(row) + " |\n" for row in rows(figures))
            for name, (head, rows) in TABLES.items()}


def marks(name):
    return f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->\n"


def find_in(text, name):
    """(begin, end) of the table in a document."""
    begin, end = marks(name)
    return text.index(begin) + len(begin), text.index(end)


def without_figures(text):
    return re.sub(r"\d[\d,.]*\d|\d", "#", text)
