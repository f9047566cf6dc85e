package dev.millrace.lab.demo;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.util.Map;
import java.util.TreeMap;

/** CPU time by the role of the thread: its name without the number at its end. */
final class ThreadCpu {
    private ThreadCpu() {}

    /** Nanoseconds of the threads that are alive. Virtual threads count with their carriers. */
    public static Map<String, Long> byRole() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        Map<String, Long> cpu = new TreeMap<>();
        for (ThreadInfo thread : threads.getThreadInfo(threads.getAllThreadIds())) {
            if (thread != null) {
                long nanos = threads.getThreadCpuTime(thread.getThreadId());
                cpu.merge(role(thread.getThreadName()), Math.max(0, nanos), Long::sum);
            }
        }
        return cpu;
    }

    static String role(String name) {
        return name.replaceAll("[-#\\s]*\\d+$", "");
    }
}
