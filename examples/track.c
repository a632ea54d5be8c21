/* What a program may say to Memoir and ask it: memoir/track.h. Runs as well without. */
#include <memoir/track.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is kept for ever on purpose would stand among the leaks. */
static char* make_table(void) {
  memoir_pause();
  char* table = malloc(4096);
  memoir_resume();
  memset(table, 0, 4096);
  return table;
}

int main(void) {
  char* const table = make_table();
  memoir_mark("table made");

  char* name = malloc(6);
  strcpy(name, "robin");
  /* In check mode: what is this address, and is all well around it? */
  memoir_block block;
  if (memoir_block_info(name + 2, &block) == MEMOIR_LIVE_BLOCK) {
    fprintf(stderr, "offset %td of a %zu-byte block, allocated at depth %zu\n",
            block.offset, block.size, memoir_allocation_stack(name, NULL, 0));
  }
  if (memoir_check_block(name) > 0) fprintf(stderr, "somebody wrote beside it\n");
  free(name);

  memoir_mark("names freed");
  if (memoir_check_all() != 0) fprintf(stderr, "not all is well\n");
  printf("%d bytes in the table\n", 4096 + table[0]);
  return 0;
}
