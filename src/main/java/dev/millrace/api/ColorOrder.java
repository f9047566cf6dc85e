package dev.millrace.api;

/** The order of the three channels in the model's input. */
public enum ColorOrder {
    RGB,
    BGR
}
