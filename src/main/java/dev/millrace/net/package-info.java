/**
 * HTTP to addresses that a stranger named. A URL from a message is checked by {@link
 * dev.millrace.net.UrlPolicy} and then called through {@link dev.millrace.net.GuardedHttp}, whose
 * sockets check the very address they connect to. Used by {@code fetch} for images and by {@code
 * deliver} for callbacks.
 */
package dev.millrace.net;
