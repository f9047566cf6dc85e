package dev.millrace.job;

import java.util.Locale;

/** Why an event asks for no image, so that nothing is computed and nobody is told. */
public enum DropReason {
    TEST_EVENT("it is a test event of S3, sent when a bucket's notifications are set up"),
    REMOVED("it tells of an object that was removed"),
    OTHER_EVENT("it is an event of S3 that tells of no new object"),
    FOLDER("it tells of an empty object whose key ends in a slash, which consoles call a folder");

    private final String sentence;

    DropReason(String sentence) {
        this.sentence = sentence;
    }

    /** In words, as a part of a sentence about the message. */
    public String sentence() {
        return sentence;
    }

    /** The name in metrics. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
