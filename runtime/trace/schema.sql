R"sql(
-- The schema of a trace, version 7. docs/trace_schema.md explains it; the views are a
-- contract with people's scripts: columns may be added, never renamed or removed.
-- Times are nanoseconds since the trace began. Zero or NULL means none.

CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;

CREATE TABLE process(
  id INTEGER PRIMARY KEY, pid INTEGER, parent_pid INTEGER, parent INTEGER, command TEXT,
  executable TEXT, started INTEGER, ended INTEGER, end TEXT,
  allocations INTEGER, frees INTEGER, allocated_bytes INTEGER,
  peak_bytes INTEGER, peak_blocks INTEGER, peak_t INTEGER,
  live_blocks INTEGER, live_bytes INTEGER, temporary INTEGER,
  mapped_peak_bytes INTEGER, mapped_live_bytes INTEGER,
  dropped INTEGER, unknown_frees INTEGER, events INTEGER, complete INTEGER,
  stacks_cut INTEGER);

CREATE TABLE thread(
  process INTEGER, thread INTEGER, tid INTEGER, name TEXT, started INTEGER, ended INTEGER,
  PRIMARY KEY(process, thread)) WITHOUT ROWID;

CREATE TABLE module(id INTEGER PRIMARY KEY, path TEXT, name TEXT, build_id TEXT);

CREATE TABLE module_load(
  id INTEGER PRIMARY KEY, process INTEGER, module INTEGER, base INTEGER,
  begin_address INTEGER, end_address INTEGER, loaded INTEGER, unloaded INTEGER);

-- Functions and files, as symbolizing finds them.
CREATE TABLE string(id INTEGER PRIMARY KEY, s TEXT);

-- A return address, relative to its module (absolute without one).
CREATE TABLE frame(id INTEGER PRIMARY KEY, module INTEGER, address INTEGER);

-- What one address means: a function, and the functions it was inlined into, innermost
-- first. skip = 1: belongs to Memoir or to the allocator, not to the program.
CREATE TABLE frame_line(
  frame INTEGER, depth INTEGER, function INTEGER, file INTEGER, line INTEGER,
  inlined INTEGER, skip INTEGER, PRIMARY KEY(frame, depth)) WITHOUT ROWID;

-- The call tree, a row for each piece of it. Its stacks have the ids first, first + 1 and so
-- on: the first was called from `parent`, whose id is smaller, each other one from the one
-- before it.
CREATE TABLE stack_run(first INTEGER PRIMARY KEY, parent INTEGER, path INTEGER);

-- The frames of such pieces, outermost first; many share a path. A text with a character
-- for each; character c stands for frame c - 32 below 55296, c - 10272 above. A number where
-- the frame has no character.
CREATE TABLE path(id INTEGER PRIMARY KEY, frames);

-- The frame that a stack which made blocks is attributed to; its innermost one until it is
-- symbolized. In a finished trace also the stack's first site; times are microseconds.
CREATE TABLE attribution(
  stack INTEGER PRIMARY KEY, frame INTEGER, process INTEGER, figures INTEGER,
  first_us INTEGER, span_us INTEGER);

CREATE TABLE chunk(
  id INTEGER PRIMARY KEY, process INTEGER, first_seq INTEGER, n INTEGER, t0 INTEGER,
  t1 INTEGER, live_bytes INTEGER, live_blocks INTEGER, codec INTEGER, data BLOB);

-- The live heap at the beginning of a chunk, now and then, so that any moment is near one.
CREATE TABLE keyframe(
  chunk INTEGER PRIMARY KEY, live_by_stack BLOB, live_blocks BLOB);

-- The functions that make and take blocks, as site.api numbers them.
CREATE TABLE api(id INTEGER PRIMARY KEY, name TEXT, mapping INTEGER);

-- Sites while the trace grows; when it is finished only the second and further ones of a
-- stack. What is mostly 0 takes no space.
CREATE TABLE site_row(
  id INTEGER PRIMARY KEY, process INTEGER, stack INTEGER, api INTEGER,
  allocations INTEGER, allocated_bytes INTEGER, frees INTEGER, live_bytes INTEGER,
  peak_blocks INTEGER, under_peak_bytes INTEGER, at_global_peak INTEGER,
  temporary INTEGER, min_size INTEGER, size_span INTEGER, first_us INTEGER,
  span_us INTEGER);

-- What the other sites have in common: attribution.figures names a row.
CREATE TABLE site_figures(
  id INTEGER PRIMARY KEY, api INTEGER, allocations INTEGER, allocated_bytes INTEGER,
  frees INTEGER, live_bytes INTEGER, peak_blocks INTEGER, under_peak_bytes INTEGER,
  at_global_peak INTEGER, temporary INTEGER, min_size INTEGER, size_span INTEGER);

CREATE VIEW site(
    process, stack, api, allocations, allocated_bytes, frees, live_blocks, live_bytes,
    peak_blocks, peak_bytes, at_global_peak, temporary, min_size, max_size, first_t,
    last_t) AS
  SELECT process, stack, api, allocations, allocated_bytes, frees, allocations - frees,
    live_bytes, peak_blocks, allocated_bytes - under_peak_bytes, at_global_peak,
    temporary, min_size, min_size + size_span, first_us * 1000,
    (first_us + span_us) * 1000
  FROM site_row
  UNION ALL
  SELECT a.process, a.stack, f.api, f.allocations, f.allocated_bytes, f.frees,
    f.allocations - f.frees, f.live_bytes, f.peak_blocks,
    f.allocated_bytes - f.under_peak_bytes, f.at_global_peak, f.temporary, f.min_size,
    f.min_size + f.size_span, a.first_us * 1000, (a.first_us + a.span_us) * 1000
  FROM attribution a CROSS JOIN site_figures f ON f.id = a.figures;

-- Blocks that were live when their process ended: the events that made them, packed as in
-- `chunk`.
CREATE TABLE block_chunk(
  id INTEGER PRIMARY KEY, process INTEGER, first_seq INTEGER, n INTEGER, t0 INTEGER,
  t1 INTEGER, codec INTEGER, data BLOB);

-- Such blocks one by one, where a leak scan told their class.
CREATE TABLE block(
  id INTEGER PRIMARY KEY, process INTEGER, address INTEGER, size INTEGER, stack INTEGER,
  api INTEGER, thread INTEGER, t INTEGER, class TEXT);

-- A memory error, with all that was known when it was found. `late` ones were done some
-- time before: `stack` is where they were found. `place`: what the address belongs to.
CREATE TABLE fault(
  id INTEGER PRIMARY KEY, process INTEGER, kind TEXT, count INTEGER, t INTEGER,
  thread INTEGER, access TEXT, address INTEGER, size INTEGER, block_address INTEGER,
  block_size INTEGER, offset INTEGER, message TEXT, stack INTEGER, alloc_stack INTEGER,
  free_stack INTEGER, pool INTEGER, detail TEXT,
  place TEXT, late INTEGER, guarded INTEGER, pinned INTEGER, fill_pattern INTEGER,
  library_function TEXT, damaged INTEGER, whole_t INTEGER, claimed INTEGER,
  block_number INTEGER, alignment INTEGER, ordinal INTEGER, block_live INTEGER,
  alloc_api INTEGER, free_api INTEGER, alloc_thread INTEGER, free_thread INTEGER,
  dump_address INTEGER, dump BLOB);

-- Whatever hands out pieces of memory that it got from elsewhere. Its blocks are counted here
-- and in `pool_site`, not in `site` nor in the totals of the process: they lie in blocks that
-- are. `ended`: when it was destroyed. Pools that ended and were made alike share a row, which
-- is that of the first; `instances` says how many, and the peak is the highest.
CREATE TABLE pool(
  process INTEGER, id INTEGER, parent INTEGER, kind TEXT, name TEXT, stack INTEGER,
  allocations INTEGER, frees INTEGER, live_blocks INTEGER, live_bytes INTEGER,
  peak_bytes INTEGER, resets INTEGER, created INTEGER, ended INTEGER,
  instances INTEGER, PRIMARY KEY(process, id)) WITHOUT ROWID;

CREATE TABLE pool_site(
  process INTEGER, pool INTEGER, stack INTEGER, allocations INTEGER, frees INTEGER,
  allocated_bytes INTEGER, live_blocks INTEGER, live_bytes INTEGER, peak_bytes INTEGER,
  PRIMARY KEY(process, pool, stack)) WITHOUT ROWID;

-- Live blocks that hold those of pools, by the site that made them: no leaks of their own.
CREATE TABLE pool_backing(
  process INTEGER, stack INTEGER, api INTEGER, blocks INTEGER, bytes INTEGER,
  PRIMARY KEY(process, stack, api)) WITHOUT ROWID;

-- What else happened to pools and their blocks, as runtime/include/memoir/pool_event.inc
-- lists it: what is alike in kind, detail, threads and place is one row, however often it
-- happened. The address, last_bytes and last_amount are of the last time, the stack of the
-- first.
CREATE TABLE pool_event(
  process INTEGER, pool INTEGER, id INTEGER, kind TEXT, detail TEXT, thread INTEGER,
  from_thread INTEGER, file TEXT, line INTEGER, count INTEGER, bytes INTEGER,
  amount INTEGER, last_bytes INTEGER, last_amount INTEGER, address INTEGER,
  first_t INTEGER, last_t INTEGER, stack INTEGER,
  PRIMARY KEY(process, pool, id)) WITHOUT ROWID;

-- What a fault says of the use of a pool, allocator or buffer: as the program's own sources
-- name the places of the misuse (or of its discovery), of the allocation and of the release.
CREATE TABLE pool_fault(
  fault INTEGER PRIMARY KEY, pool INTEGER, pool_kind TEXT, pool_name TEXT, text TEXT,
  where_function TEXT, where_file TEXT, where_line INTEGER,
  alloc_function TEXT, alloc_file TEXT, alloc_line INTEGER,
  free_function TEXT, free_file TEXT, free_line INTEGER);

-- Level 0: 1,024 events a bucket; each level up: eight buckets of the one below.
CREATE TABLE timeline(
  process INTEGER, level INTEGER, bucket INTEGER, t0 INTEGER, t1 INTEGER,
  live_min INTEGER, live_max INTEGER, live_end INTEGER, blocks_end INTEGER,
  allocations INTEGER, frees INTEGER, allocated_bytes INTEGER,
  PRIMARY KEY(process, level, bucket)) WITHOUT ROWID;

-- Bucket b holds values v with floor(log2(v)) + 1 = b: bytes, nanoseconds of life.
CREATE TABLE size_hist(
  process INTEGER, bucket INTEGER, blocks INTEGER, bytes INTEGER,
  PRIMARY KEY(process, bucket)) WITHOUT ROWID;
CREATE TABLE lifetime_hist(
  process INTEGER, bucket INTEGER, blocks INTEGER, bytes INTEGER,
  PRIMARY KEY(process, bucket)) WITHOUT ROWID;

CREATE TABLE sample(process INTEGER, t INTEGER, rss INTEGER, virtual_bytes INTEGER);
CREATE TABLE mark(process INTEGER, t INTEGER, name TEXT);

-- Allocations that were made to fail.
CREATE TABLE failure(
  process INTEGER, stack INTEGER, api INTEGER, count INTEGER, bytes INTEGER,
  first_t INTEGER, PRIMARY KEY(process, stack, api)) WITHOUT ROWID;

-- What a suppression silenced, and the text of a source file (zstd), where they were asked for.
CREATE TABLE suppression(rule TEXT PRIMARY KEY, hits INTEGER, bytes INTEGER) WITHOUT ROWID;
CREATE TABLE source(file INTEGER PRIMARY KEY, text BLOB);

-- Where a stack is attributed, in words: the line of its frame that is the program's.
-- Scalar subqueries look up only what is asked for, and the address only where there is no
-- name.
CREATE VIEW stack_place(stack, function, file, line, module) AS
  SELECT a.stack,
    coalesce(
      (SELECT s FROM frame_line l JOIN string ON string.id = l.function
         WHERE l.frame = a.frame
         ORDER BY l.skip <> 0, CASE l.skip WHEN 0 THEN l.depth ELSE -l.depth END LIMIT 1),
      (SELECT coalesce(m.name || '+', '') || printf('0x%x', f.address)
         FROM frame f LEFT JOIN module m ON m.id = f.module WHERE f.id = a.frame)),
    (SELECT s FROM frame_line l LEFT JOIN string ON string.id = l.file
       WHERE l.frame = a.frame
       ORDER BY l.skip <> 0, CASE l.skip WHEN 0 THEN l.depth ELSE -l.depth END LIMIT 1),
    (SELECT line FROM frame_line l WHERE l.frame = a.frame
       ORDER BY l.skip <> 0, CASE l.skip WHEN 0 THEN l.depth ELSE -l.depth END LIMIT 1),
    (SELECT path FROM frame f JOIN module m ON m.id = f.module WHERE f.id = a.frame)
  FROM attribution a;

CREATE VIEW processes(process, pid, parent_pid, command, end, allocations, frees,
    allocated_bytes, peak_bytes, live_blocks, live_bytes, dropped,
    executable, started, ended, parent, peak_blocks, peak_t, temporary,
    mapped_peak_bytes, mapped_live_bytes, unknown_frees, events, complete,
    stacks_cut) AS
  SELECT id, pid, parent_pid, command, end, allocations, frees, allocated_bytes,
    peak_bytes, live_blocks, live_bytes, dropped, executable, started, ended, parent,
    peak_blocks, peak_t, temporary, mapped_peak_bytes, mapped_live_bytes, unknown_frees,
    events, complete, stacks_cut
  FROM process ORDER BY id;

CREATE VIEW sites(process, stack, function, file, line, module, allocations, frees,
    allocated_bytes, live_blocks, live_bytes, peak_bytes, temporary,
    api, peak_blocks, at_global_peak, min_size, max_size, first_t, last_t) AS
  SELECT s.process, s.stack, p.function, p.file, p.line, p.module, s.allocations, s.frees,
    s.allocated_bytes, s.live_blocks, s.live_bytes, s.peak_bytes, s.temporary,
    (SELECT name FROM api WHERE id = s.api), s.peak_blocks, s.at_global_peak, s.min_size,
    s.max_size, s.first_t, s.last_t
  FROM site s LEFT JOIN stack_place p ON p.stack = s.stack
  ORDER BY s.allocated_bytes DESC;

-- Never freed, by stack, the most bytes first. Mappings are not blocks of the heap. Where no
-- leak scan was made the sites know it all. total(), because sum() gives up on figures that
-- were forged.
CREATE VIEW leak_total(process, class, stack, blocks, bytes) AS
  SELECT b.process, b.class, b.stack, count(*),
    CAST(total(b.size) AS INTEGER)
    FROM block b
    WHERE b.class IS NOT NULL AND b.api NOT IN (SELECT id FROM api WHERE mapping = 1)
    GROUP BY b.process, b.class, b.stack
  UNION ALL
  SELECT l.process, 'unknown', l.stack, CAST(l.blocks - coalesce(b.blocks, 0) AS INTEGER),
    CAST(l.bytes - coalesce(b.bytes, 0) AS INTEGER)
    FROM (SELECT s.process, s.stack, total(s.live_blocks) AS blocks,
            total(s.live_bytes) AS bytes
          FROM site s
          WHERE s.process NOT IN (SELECT process FROM block WHERE class IS NOT NULL)
            AND s.live_blocks > 0 AND s.api NOT IN (SELECT id FROM api WHERE mapping = 1)
          GROUP BY s.process, s.stack) l
      LEFT JOIN (SELECT process, stack, total(blocks) AS blocks, total(bytes) AS bytes
          FROM pool_backing WHERE api NOT IN (SELECT id FROM api WHERE mapping = 1)
          GROUP BY process, stack) b ON b.process = l.process AND b.stack = l.stack
    WHERE l.blocks > coalesce(b.blocks, 0)
  UNION ALL
  SELECT s.process, 'in_pool', s.stack, CAST(total(s.live_blocks) AS INTEGER),
    CAST(total(s.live_bytes) AS INTEGER)
    FROM pool_site s JOIN pool o ON o.process = s.process AND o.id = s.pool
    WHERE s.live_blocks > 0 AND o.ended IS NULL
    GROUP BY s.process, s.stack;

CREATE VIEW leaks(process, class, blocks, bytes, function, file, line, module, stack) AS
  SELECT l.process, l.class, l.blocks, l.bytes, p.function, p.file, p.line, p.module,
    l.stack
  FROM leak_total l LEFT JOIN stack_place p ON p.stack = l.stack
  ORDER BY l.bytes DESC, l.blocks DESC;

-- function, file and line: where the block was made for what was found late, otherwise where
-- it happened.
CREATE VIEW faults(process, kind, count, access, size, block_size, offset, function, file,
    line, message, stack, alloc_stack, free_stack, pool, t, thread, address, module, late,
    guarded, library_function, alloc_api, free_api, alloc_thread, free_thread, damaged,
    claimed, block_address, block_number, ordinal, alignment, place, dump_address, dump,
    suppression, whole_t, pool_kind, pool_name, where_function, where_file, where_line,
    alloc_function, alloc_file, alloc_line, free_function, free_file, free_line) AS
  SELECT f.process, f.kind, f.count, f.access, f.size, f.block_size, f.offset,
    coalesce(CASE WHEN f.late THEN o.alloc_function END, o.where_function, p.function),
    coalesce(CASE WHEN f.late THEN o.alloc_file END, o.where_file, p.file),
    coalesce(CASE WHEN f.late THEN o.alloc_line END, o.where_line, p.line), f.message, f.stack, f.alloc_stack, f.free_stack, f.pool, f.t,
    f.thread, f.address, p.module, f.late, f.guarded, f.library_function,
    (SELECT name FROM api WHERE id = f.alloc_api AND id <> 0),
    (SELECT name FROM api WHERE id = f.free_api AND id <> 0), f.alloc_thread,
    f.free_thread, f.damaged, f.claimed, f.block_address, f.block_number, f.ordinal,
    f.alignment, f.place, f.dump_address, f.dump, f.kind || ':' || p.function, f.whole_t,
    o.pool_kind, o.pool_name, o.where_function, o.where_file, o.where_line,
    o.alloc_function, o.alloc_file, o.alloc_line, o.free_function, o.free_file, o.free_line
  FROM fault f LEFT JOIN pool_fault o ON o.fault = f.id LEFT JOIN stack_place p
    ON p.stack = CASE WHEN f.late THEN coalesce(f.alloc_stack, f.stack) ELSE f.stack END
  ORDER BY f.id;

CREATE VIEW pools(process, pool, parent, kind, name, function, file, line, allocations,
    frees, live_blocks, live_bytes, peak_bytes, resets, created, ended, stack, instances) AS
  SELECT o.process, o.id, o.parent, o.kind, o.name, p.function, p.file, p.line,
    o.allocations, o.frees, o.live_blocks, o.live_bytes, o.peak_bytes, o.resets, o.created,
    o.ended, o.stack, o.instances
  FROM pool o LEFT JOIN stack_place p ON p.stack = o.stack
  ORDER BY o.peak_bytes DESC, o.process, o.id;

-- The call sites of the blocks of pools.
CREATE VIEW pool_sites(process, pool, kind, name, function, file, line, allocations, frees,
    allocated_bytes, live_blocks, live_bytes, peak_bytes, stack) AS
  SELECT s.process, s.pool, o.kind, o.name, p.function, p.file, p.line, s.allocations,
    s.frees, s.allocated_bytes, s.live_blocks, s.live_bytes, s.peak_bytes, s.stack
  FROM pool_site s LEFT JOIN pool o ON o.process = s.process AND o.id = s.pool
    LEFT JOIN stack_place p ON p.stack = s.stack
  ORDER BY s.allocated_bytes DESC;

CREATE VIEW pool_events(process, pool, pool_kind, pool_name, kind, detail, count, bytes,
    amount, last_bytes, last_amount, thread, from_thread, function, file, line, address,
    first_t, last_t, stack) AS
  SELECT e.process, e.pool, o.kind, o.name, e.kind, e.detail, e.count, e.bytes, e.amount,
    e.last_bytes, e.last_amount, e.thread, e.from_thread, p.function,
    coalesce(e.file, p.file), coalesce(e.line, p.line), e.address, e.first_t, e.last_t,
    e.stack
  FROM pool_event e LEFT JOIN pool o ON o.process = e.process AND o.id = e.pool
    LEFT JOIN stack_place p ON p.stack = e.stack
  ORDER BY e.process, e.pool, e.id;

CREATE VIEW marks(process, t, name) AS SELECT process, t, name FROM mark ORDER BY t;

CREATE VIEW failures(process, stack, function, file, line, module, api, count, bytes,
    first_t) AS
  SELECT f.process, f.stack, p.function, p.file, p.line, p.module,
    (SELECT name FROM api WHERE id = f.api), f.count, f.bytes, f.first_t
  FROM failure f LEFT JOIN stack_place p ON p.stack = f.stack
  ORDER BY f.count DESC, f.first_t;

CREATE VIEW threads(process, thread, tid, name, started, ended) AS
  SELECT process, thread, tid, name, started, ended FROM thread;

-- The addresses of a stack, level 0 = innermost. The walk towards the root runs inside
-- json_each() so that `WHERE stack = N` walks one stack only; ids get smaller on the way, so
-- it ends.
CREATE VIEW stack_walk(stack, level, frame) AS
  SELECT k.stack, up.key, up.value
  FROM attribution k
    JOIN json_each((
      WITH RECURSIVE walk(id, first, parent, frames) AS (
        SELECT k.stack, r.first, r.parent, (SELECT frames FROM path WHERE id = r.path)
        FROM stack_run r
        WHERE r.first = (SELECT max(first) FROM stack_run WHERE first <= k.stack)
        UNION ALL
        SELECT CASE WHEN w.id > w.first THEN w.id - 1 ELSE w.parent END,
          r.first, r.parent, (SELECT frames FROM path WHERE id = r.path)
        FROM walk w JOIN stack_run r ON r.first =
          CASE WHEN w.id > w.first THEN w.first
          ELSE (SELECT max(first) FROM stack_run WHERE first <= w.parent) END
        WHERE w.id > w.first OR w.parent < w.id),
      steps(c, frames) AS (
        SELECT unicode(substr(frames, id - first + 1, 1)), frames FROM walk)
      SELECT '[' || group_concat(
        CASE typeof(frames) WHEN 'integer' THEN frames
        ELSE c - CASE WHEN c < 55296 THEN 32 ELSE 10272 END END) || ']'
      FROM steps)) up;

-- The frames of a stack, inlined ones among them, depth 0 = innermost.
CREATE VIEW stack_frames(stack, depth, function, file, line, module, address, inlined,
    skip) AS
  SELECT w.stack, row_number() OVER (PARTITION BY w.stack ORDER BY w.level, l.depth) - 1,
    coalesce((SELECT s FROM string WHERE id = l.function),
      coalesce(m.name || '+', '') || printf('0x%x', f.address)),
    (SELECT s FROM string WHERE id = l.file), l.line, m.path, f.address,
    coalesce(l.inlined, 0), coalesce(l.skip, 0)
  FROM stack_walk w
    JOIN frame f ON f.id = w.frame
    LEFT JOIN module m ON m.id = f.module
    LEFT JOIN frame_line l ON l.frame = f.id;

-- A stack as text, a line per frame, innermost first.
CREATE VIEW stack_text(stack, text) AS
  SELECT k.stack, (
    SELECT group_concat(function || coalesce(' (' || file || ':' || line || ')', ''),
                        char(10))
    FROM (
      SELECT
        coalesce((SELECT s FROM string WHERE id = l.function),
          coalesce(m.name || '+', '') || printf('0x%x', f.address)) AS function,
        (SELECT s FROM string WHERE id = l.file) AS file, l.line AS line
      FROM stack_walk w
        JOIN frame f ON f.id = w.frame
        LEFT JOIN module m ON m.id = f.module
        LEFT JOIN frame_line l ON l.frame = f.id
      WHERE w.stack = k.stack ORDER BY w.level, l.depth))
  FROM attribution k;

CREATE VIEW timeline_1s(process, second, live_min, live_max, live_end, blocks_end,
    allocations, frees, allocated_bytes) AS
  SELECT s.process, s.second, s.live_min, s.live_max, e.live_end, e.blocks_end,
    s.allocations, s.frees, s.allocated_bytes
  FROM (
    SELECT process, t0 / 1000000000 AS second, max(bucket) AS last,
      min(live_min) AS live_min, max(live_max) AS live_max,
      CAST(total(allocations) AS INTEGER) AS allocations,
      CAST(total(frees) AS INTEGER) AS frees,
      CAST(total(allocated_bytes) AS INTEGER) AS allocated_bytes
    FROM timeline WHERE level = 0 GROUP BY process, t0 / 1000000000) s
  JOIN timeline e ON e.process = s.process AND e.level = 0 AND e.bucket = s.last;
)sql"
