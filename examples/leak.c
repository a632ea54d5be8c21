// Loses a known number of blocks on known lines: record it with
//   memoir run -o leak.memoir -- build/dev/examples/leak && memoir leaks leak.memoir
//
//   remember()    20 blocks of  50 bytes   1000 bytes   nodes of a list that is dropped
//   copy_name()   20 blocks of  13 bytes    260 bytes   the names in those nodes
//   read_line()    7 blocks of 100 bytes    700 bytes   every third buffer is kept
//
// 47 blocks, 1960 bytes. Everything else that it allocates, it frees. It writes with
// write(), since a stdio buffer would be one more block.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct node {
  struct node* next;
  char* name;
  char payload[50 - 2 * sizeof(void*)];
} __attribute__((packed));

_Static_assert(sizeof(struct node) == 50, "the sizes above are wrong");

static __attribute__((noinline)) char* copy_name(const char* name) {
  char* copy = malloc(strlen(name) + 1);
  return copy == NULL ? NULL : strcpy(copy, name);
}

static __attribute__((noinline)) struct node* remember(struct node* list,
                                                       const char* name) {
  struct node* node = calloc(1, sizeof *node);
  if (node == NULL) abort();
  node->next = list;
  node->name = copy_name(name);
  return node;
}

static __attribute__((noinline)) size_t read_line(int number) {
  char* line = malloc(100);
  if (line == NULL) abort();
  memset(line, 'x', 99);
  line[number % 99] = '\0';
  const size_t length = strlen(line);
  if (number % 3 != 0) free(line);
  return length;
}

int main(void) {
  struct node* list = NULL;
  for (int i = 0; i < 20; ++i) list = remember(list, "Grace Hopper");

  size_t characters = 0;
  for (int i = 0; i < 20; ++i) characters += read_line(i);

  struct node* volatile lost = list;
  lost = NULL;  // the only pointer to the list
  (void)lost;

  const char* text = characters == 190 ? "190 characters read\n" : "unexpected\n";
  return write(STDOUT_FILENO, text, strlen(text)) < 0;
}
