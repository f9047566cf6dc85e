/** What HTTP costs the worker, over TLS and without. */
package dev.millrace.net;
