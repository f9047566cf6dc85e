/**
 * Objects in S3 and in stores that speak like it: which buckets may be read, where they are, and
 * how a request for one is signed. What it builds is sent by {@code net}, so that a store's host
 * obeys the same rules as any other. Beside it {@code source} and {@code deliver} know the SDK of
 * AWS.
 */
package dev.millrace.objects;
