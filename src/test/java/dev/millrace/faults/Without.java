package dev.millrace.faults;

import dev.millrace.faults.Undefended.Change;

/**
 * Defences of a worker, each as the one place of its source that is it, and what stands there when
 * it is switched off. The worker itself has no switches: {@link FaultSettings#start} compiles it
 * with some of them off, so that a row's control differs from the row in nothing else.
 */
final class Without {
    /** A poll that fails ends the polls, and with them the worker. */
    static final Change CARE_FOR_POLLS =
            new Change(
                    "source/SqsSource.java",
                    "catch (RuntimeException | Error e) {\n            admission.polled(permits, 0);",
                    "catch (IllegalMonitorStateException e) {\n            admission.polled(permits, 0);");

    /** No failure of a host counts, so that no breaker opens. */
    static final Change BREAKERS =
            new Change(
                    "net/HostBreakers.java",
                    "                        .build();",
                    ".recordException(_ -> false).build();");

    /** A host may have all calls, whatever others need. */
    static final Change SHARES_OF_HOSTS =
            new Change(
                    "net/HostLimiter.java",
                    "int own = Math.min(host.cap, host.health.limit());",
                    "if (host != null) { return Integer.MAX_VALUE; } int own = Math.min(host.cap, host.health.limit());");

    /** Each bucket is one that messages may name. */
    static final Change LISTED_BUCKETS =
            new Change(
                    "objects/StoreSettings.java",
                    "if (allowed.bucket().equals(bucket)) {",
                    "if (allowed != null) {");

    /** No lease is extended. */
    static final Change HEARTBEATS =
            new Change(
                    "source/VisibilityKeeper.java",
                    "} else if (lease.isDue(nowNs)) {",
                    "} else if (false) {");

    /** What is said of a message whose lease is over is told to the queue all the same. */
    static final Change CARE_FOR_LOST_LEASES =
            new Change(
                    "source/WaitingOutcomes.java",
                    "boolean over = keeper.isOver(one.message, nowNs);",
                    "boolean over = false;");

    /** A message that is no request ends the poll that brought it. */
    static final Change CARE_FOR_EACH_MESSAGE =
            new Change(
                    "source/Intake.java",
                    "catch (MalformedRequestException e) {",
                    "catch (MalformedRequestException e) { if (e != null) { throw new IllegalStateException(e); }");

    /** Messages are deleted when they are received. */
    static final Change DELETION_AT_THE_END =
            new Change(
                    "source/ReceiveCall.java",
                    "        long receivedNs = System.nanoTime();\n",
                    "long receivedNs = System.nanoTime(); messages.forEach(m -> client.deleteMessage(r -> r.queueUrl(settings.url()).receiptHandle(m.receiptHandle())));");

    /** Each copy of a message has a result of its own. */
    static final Change KEPT_RESULTS =
            new Change(
                    "deliver/MessageDeduplicator.java",
                    "results.put(id(message), result);\n        bytes += result.length;",
                    ";");

    /** An image's bytes are held until its message is settled. */
    static final Change EARLY_RETURN_OF_BYTES =
            new Change(
                    "job/RequestUsage.java",
                    "if (readers.decrementAndGet() == 0) {",
                    "if (readers.decrementAndGet() < 0) {");

    /** The end of a worker gives nothing back. */
    static final Change DRAIN = new Change("worker/Drain.java", "flow(Deadline.in(timeout));", ";");

    /** Entries that the queue refused count as done. */
    static final Change CARE_FOR_ENTRIES =
            new Change(
                    "source/BatchCalls.java",
                    "successful.forEach(id -> refused.remove(Integer.valueOf(id)));",
                    "refused.clear();");

    /** Heartbeats go by the wall clock. */
    static final Change MONOTONIC_HEARTBEATS =
            new Change(
                    "source/VisibilityKeeper.java",
                    "    private Turn turn(long nowNs) throws InterruptedException {\n        int tried = doWork(nowNs);",
                    "private static final long START_NS = System.nanoTime() - System.currentTimeMillis() * 1_000_000;"
                            + " private Turn turn(long nowNs) throws InterruptedException {"
                            + " int tried = doWork(START_NS + System.currentTimeMillis() * 1_000_000);");

    /** Where the trace cannot be written, whoever writes it learns it the hard way. */
    static final Change CARE_FOR_THE_TRACE =
            new Change(
                    "observe/ChromeTrace.java",
                    "LOG.warn(\"the trace ends here: {}\", e.toString());",
                    "throw new java.io.UncheckedIOException(e);");

    /** A thread that ends is nobody's business. */
    static final Change NEWS_OF_ENDED_THREADS =
            new Change("duty/DutyThread.java", "duties.failed(this, e);", ";");

    /** A result counts as delivered when it is on its way. */
    static final Change CONFIRMED_RESULTS =
            new Change(
                    "deliver/CallbackCalls.java",
                    "            sink.send(message, body);",
                    "Thread.startVirtualThread(() -> { try { sink.send(message, body); } catch (Exception e) { counters.increment(Counter.CALLBACK_ERRORS); } }); if (message == null) { throw new InterruptedException(); } if (body == null) { throw new IOException(); }");

    /** Entries that a queue or a topic for results refused count as taken. */
    static final Change CARE_FOR_RESULT_ENTRIES =
            new Change(
                    "deliver/BatchSink.java",
                    "reported.put(id, Optional.of(why));",
                    "reported.put(id, Optional.empty());");

    /** Whatever a store answers counts as taken. */
    static final Change CARE_FOR_STORE_ANSWERS =
            new Change(
                    "deliver/ObjectSink.java",
                    "if (answer.isSuccessful()) {",
                    "if (answer != null) {");

    /** A line that could not be written counts as written. */
    static final Change CARE_FOR_THE_PIPE =
            new Change(
                    "deliver/OutputSink.java",
                    "closed = String.valueOf(e.getMessage());\n",
                    "if (e != null) { return; } closed = String.valueOf(e.getMessage());\n");

    /** The head of a caller's request may take as long as it likes. */
    static final Change TIME_FOR_HEADS =
            new Change(
                    "serve/CallerEndPoint.java",
                    "HEAD_NS = TimeUnit.SECONDS.toNanos(10);",
                    "HEAD_NS = TimeUnit.DAYS.toNanos(1);");

    /** So may its body. */
    static final Change RATE_OF_BODIES =
            new Change(
                    "serve/BodyReader.java",
                    "due.accept(startNs + GRACE_NS + TimeUnit.SECONDS.toNanos(count) / minimumRate);",
                    "due.accept(Long.MAX_VALUE);");

    /** A caller may take as long as it likes to read its answer. */
    static final Change TIME_FOR_ANSWERS =
            new Change(
                    "serve/Router.java",
                    "        connection.due(System.nanoTime() + writeNs(reply.body().length));\n",
                    "");

    /** Callers may have any number of connections. */
    static final Change MOST_CONNECTIONS =
            new Change(
                    "serve/Connections.java", "        excess.forEach(CallerEndPoint::close);", "");

    /** The rest of a request without a token is read like that of any other. */
    static final Change EARLY_REFUSAL =
            new Change(
                    "serve/Router.java",
                    "call.skipRest(reply.status() == 401, settings.maxBody());",
                    "call.skipRest(false, settings.maxBody());");

    /** A connection with the head of a request is never closed for others. */
    static final Change UNFINISHED_FIRST =
            new Change(
                    "serve/CallerEndPoint.java",
                    "authenticated ? Connections.Standing.SENDING : Connections.Standing.UNKNOWN);",
                    "Connections.Standing.ANSWERING);");

    /** A newcomer may be closed for those that were there before. */
    static final Change CARE_FOR_NEWCOMERS =
            new Change(
                    "serve/Connections.java",
                    "if (next != newcomer) {",
                    "if (next != null || newcomer == null) {");

    /** What works on a request goes on after it is over. */
    static final Change CANCELLED_WORK =
            new Change("job/Message.java", "        usage.cancel();\n", "");

    /** A caller's body may have any size. */
    static final Change CAP_OF_BODIES =
            new Change(
                    "serve/BodyReader.java",
                    "        this.maxBody = maxBody;",
                    "this.maxBody = Integer.MAX_VALUE - 8;");

    /** The first of several readings of a caller's request is taken. */
    static final Change ONE_READING_OF_HEADS =
            new Change(
                    "serve/CallServer.java",
                    "http.setHttpCompliance(HttpCompliance.STRICT);",
                    "http.setHttpCompliance(HttpCompliance.RFC2616_LEGACY.with(\"any\", HttpCompliance.Violation.values()));");

    /** The queue is polled while images of messages wait. */
    static final Change IMAGES_BEFORE_POLLS =
            new Change("job/Admission.java", "if (waiting > 0) {", "if (waiting < 0) {");

    /** A message's deadline counts whether or not its images wait. */
    static final Change LEASES_OF_IMAGES_THAT_WAIT =
            new Change(
                    "source/Lease.java",
                    "(message.imagesWait() || nowNs - message.beganNs() < deadlineNs)",
                    "(nowNs - message.delivery().receivedNs() < deadlineNs)");

    private Without() {}
}
