#include "libs/runtime/process_metrics.h"

#include <dirent.h>
#include <prometheus/metric_family.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>

#include "libs/runtime/version.h"

namespace crm::runtime {
namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily Single(const char* name, const char* help, MetricType type, double value) {
  MetricFamily family{name, help, type, {}};
  auto& metric = family.metric.emplace_back();
  metric.gauge.value = value;
  metric.counter.value = value;
  return family;
}

// Field of /proc/self/stat, numbered as in proc(5). The second may hold blanks, in parentheses.
double StatField(int number) {
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  std::istringstream fields(line.substr(line.rfind(')') + 1));
  std::string field;
  for (int i = 3; i <= number; ++i) fields >> field;
  return field.empty() ? 0 : std::stod(field);
}

double StartTime() {
  timespec wall{};
  timespec boot{};
  clock_gettime(CLOCK_REALTIME, &wall);
  clock_gettime(CLOCK_BOOTTIME, &boot);
  const double booted = static_cast<double>(wall.tv_sec - boot.tv_sec);
  return booted + StatField(22) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

double ProcessorSeconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
         static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

double OpenFiles() {
  DIR* folder = opendir("/proc/self/fd");
  if (folder == nullptr) return 0;
  int entries = 0;
  while (readdir(folder) != nullptr) ++entries;
  closedir(folder);
  return entries - 3;  // `.`, `..` and the folder itself
}

double MaxFiles() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<double>(limit.rlim_cur);
}

}  // namespace

std::vector<MetricFamily> ProcessMetrics::Collect() const {
  static const double start_time = StartTime();
  MetricFamily build = Single("crm_build_info", "The program's version.", MetricType::Gauge, 1);
  build.metric[0].label = {{"version", kVersion}};
  return {
      std::move(build),
      Single("process_start_time_seconds", "When the process started, since 1970.",
             MetricType::Gauge, start_time),
      Single("process_cpu_seconds_total", "Processor time used.", MetricType::Counter,
             ProcessorSeconds()),
      Single("process_resident_memory_bytes", "Memory in use.", MetricType::Gauge,
             StatField(24) * static_cast<double>(sysconf(_SC_PAGESIZE))),
      Single("process_virtual_memory_bytes", "Memory mapped.", MetricType::Gauge, StatField(23)),
      Single("process_open_fds", "Open files.", MetricType::Gauge, OpenFiles()),
      Single("process_max_fds", "Most files that may be open.", MetricType::Gauge, MaxFiles()),
  };
}

}  // namespace crm::runtime
