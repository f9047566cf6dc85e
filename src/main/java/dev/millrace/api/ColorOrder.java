package dev.millrace.api;

/** The channels of the model's input, in their order. */
public enum ColorOrder {
    RGB,
    BGR,

    /**
     * One channel, the luma of ITU-R BT.601 (0.299 red, 0.587 green, 0.114 blue), which the graph
     * computes: the rows that are written are RGB.
     */
    GRAY;

    /** How many channels the network sees. */
    public int channels() {
        return this == GRAY ? 1 : 3;
    }
}
