/**
 * The one reader of YAML: whoever starts a worker writes its configuration and its bundles by hand,
 * so every value is checked where it is read, and a mistake is one line that says where it is, what
 * stands there and what to do. {@code config} and {@code bundle} say which keys there are.
 */
package dev.millrace.yaml;
