// Preloaded into a child of the tests: counts the bytes that a thread has allocated and not freed, and the
// most that there were at once. Exact, where the resident memory also tells what malloc keeps and what was never
// touched. A thread counts from heap_watch_begin on; the others go on as if nothing were there. For glibc.
#include <malloc.h>

#include <cerrno>
#include <cstddef>

extern "C" {

void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
void __libc_free(void* block);
}

namespace {

thread_local bool watching = false;
thread_local long live = 0;
thread_local long peak = 0;

void* counted(void* block) {
  if (watching && block != nullptr) {
    live += static_cast<long>(malloc_usable_size(block));
    peak = live > peak ? live : peak;
  }
  return block;
}

long size_of(void* block) {
  return watching && block != nullptr ? static_cast<long>(malloc_usable_size(block)) : 0;
}

}  // namespace

extern "C" {

void heap_watch_begin() {
  live = 0;
  peak = 0;
  watching = true;
}

// The most bytes at once since the beginning, at which counting ends.
long heap_watch_end() {
  watching = false;
  return peak;
}

void* malloc(std::size_t size) { return counted(__libc_malloc(size)); }

void* calloc(std::size_t count, std::size_t size) { return counted(__libc_calloc(count, size)); }

void* realloc(void* block, std::size_t size) {
  long before = size_of(block);
  void* moved = __libc_realloc(block, size);
  if (moved != nullptr || size == 0) {
    live -= before;
  }
  return counted(moved);
}

void* memalign(std::size_t alignment, std::size_t size) {
  return counted(__libc_memalign(alignment, size));
}

void* aligned_alloc(std::size_t alignment, std::size_t size) { return memalign(alignment, size); }

int posix_memalign(void** block, std::size_t alignment, std::size_t size) {
  *block = memalign(alignment, size);
  return *block == nullptr ? ENOMEM : 0;
}

void free(void* block) {
  live -= size_of(block);
  __libc_free(block);
}
}
