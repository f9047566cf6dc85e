package dev.millrace.objects;

/**
 * An object as a bucket's list names it.
 *
 * @param etag as the store writes it, with quotation marks
 */
public record ListedObject(String key, long bytes, String etag) {}
