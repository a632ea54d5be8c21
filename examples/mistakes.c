// Keeps a list of names, and makes two mistakes that a program mostly survives: a copy
// without room for its last byte, and a look at a block that was freed a moment before.
//
//   memoir run -- ./mistakes
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct person {
  char* name;
  int age;
  struct person* next;
};

static char* copy_name(const char* name) {
  char* copy = malloc(strlen(name));  // and one for the zero
  if (copy == NULL) exit(1);
  strcpy(copy, name);
  return copy;
}

static struct person* add(struct person* list, const char* name, int age) {
  struct person* person = malloc(sizeof *person);
  if (person == NULL) exit(1);
  *person = (struct person){copy_name(name), age, list};
  return person;
}

static void drop(struct person* person) {
  free(person->name);
  free(person);
}

static int drop_all(struct person* list) {
  int dropped = 0;
  while (list != NULL) {
    struct person* person = list;
    list = person->next;
    drop(person);
    if (person->age != 0) ++dropped;  // it is gone
  }
  return dropped;
}

int main(void) {
  struct person* list = add(NULL, "Ada Lovelace, Countess", 36);
  list = add(list, "Grace Hopper", 85);
  printf("%d people\n", drop_all(list));
  return 0;
}
