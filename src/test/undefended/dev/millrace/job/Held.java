package dev.millrace.job;

import java.util.concurrent.atomic.AtomicLong;

/** Keeps an image's bytes until its message is settled, and counts no texts. */
public final class Held {
    private final AtomicLong body = new AtomicLong();

    public void body(long bytes, Admission from) {
        body.addAndGet(bytes);
    }

    void share() {}

    public void read() {}

    public void texts(long bytes, Admission from) {}

    public void result(long bytes) {}

    public long bodyBytes() {
        return body.get();
    }

    public long takeBody() {
        return body.getAndSet(0);
    }

    public long takeTexts() {
        return 0;
    }
}
