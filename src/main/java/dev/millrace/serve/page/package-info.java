/**
 * The page at {@code /} of the serving port, which takes a photo and shows its verdict, and the
 * description of the interface ({@code /openapi.json}) that the page shows below.
 */
package dev.millrace.serve.page;
