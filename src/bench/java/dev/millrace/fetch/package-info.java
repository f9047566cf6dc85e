/** What a download of an object costs beside one of a URL. */
package dev.millrace.fetch;
