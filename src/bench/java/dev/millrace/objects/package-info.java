/** What signing a request for an object costs. */
package dev.millrace.objects;
