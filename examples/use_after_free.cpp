// Keeps a reference into a vector that grows, and gives a connection back twice: what is
// used after it was freed is told with both call stacks, and so is a second free.
//   memoir run -- build/dev/examples/use_after_free
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

struct Connection {
  int socket;
  bool is_open;
};

static void close_connection(Connection* connection) {
  connection->is_open = false;
  std::free(connection);
}

static int highest(std::vector<int>& ports) {
  const int& first = ports.front();
  ports.push_back(first + 1);  // moves them all
  return first;                // from where they were
}

int main() {
  std::vector<int> ports = {8080};
  const int port = highest(ports);
  auto* connection = static_cast<Connection*>(std::malloc(sizeof(Connection)));
  if (connection == nullptr) return 1;
  *connection = {port != 0 ? 3 : 4, true};
  close_connection(connection);
  close_connection(connection);
  std::printf("%zu ports\n", ports.size());
}
