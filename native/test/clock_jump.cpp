// Preloaded into a worker by the fault tests: moves its wall clock, and nothing else, by the seconds in
// the file that CLOCK_JUMP_FILE names. The file is read with each call, so that the clock jumps
// while the process runs. Where there is no file, or no number in it, the clock is right.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>

namespace {

long offset_seconds() {
  const char* path = std::getenv("CLOCK_JUMP_FILE");
  if (path == nullptr) {
    return 0;
  }
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return 0;
  }
  char text[32] = {};
  ssize_t length = read(file, text, sizeof(text) - 1);
  close(file);
  return length > 0 ? std::strtol(text, nullptr, 10) : 0;
}

template <typename Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

bool is_wall(clockid_t clock) { return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE; }

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, struct timespec* now) {
  static const auto real = next<int (*)(clockid_t, struct timespec*)>("clock_gettime");
  int result = real(clock, now);
  if (result == 0 && is_wall(clock)) {
    now->tv_sec += offset_seconds();
  }
  return result;
}

int gettimeofday(struct timeval* __restrict now, void* __restrict zone) {
  static const auto real = next<int (*)(struct timeval*, void*)>("gettimeofday");
  int result = real(now, zone);
  if (result == 0) {
    now->tv_sec += offset_seconds();
  }
  return result;
}

time_t time(time_t* now) {
  struct timespec wall;
  clock_gettime(CLOCK_REALTIME, &wall);
  if (now != nullptr) {
    *now = wall.tv_sec;
  }
  return wall.tv_sec;
}
}
