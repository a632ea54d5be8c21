#pragma once

// The event stream as a table of SQL, and the blocks that were live when their process
// ended as another one of the same columns:
//
//   events(process, seq, t, kind, thread, address, size, stack, pool,
//          api, old_address, old_size, alignment)
//   blocks(...)
//
// They read the chunks of the trace, and only those that can hold rows of the processes,
// sequence numbers and times that a query asks for. Rows come by process and sequence
// number. Times are cut as a chunk keeps them, never to before its first one.

namespace memoir {

class Database;

// Makes them known to this connection; nothing is written to the file.
void register_event_table(Database& database);

}  // namespace memoir
