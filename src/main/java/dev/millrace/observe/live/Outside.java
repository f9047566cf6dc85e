package dev.millrace.observe.live;

import java.time.Duration;
import java.util.List;

/**
 * How it is with what the worker depends on, and how careful it is itself.
 *
 * @param queueFails whether the queue did not answer the last polls
 * @param imageHosts that do not answer, a few at most
 * @param callbackHosts that are down, a few at most
 * @param held messages that wait for these
 * @param careful for how long yet each image is tried, after a crash; zero when all is well
 */
public record Outside(
        boolean queueFails,
        List<String> imageHosts,
        List<String> callbackHosts,
        int held,
        Duration careful) {}
