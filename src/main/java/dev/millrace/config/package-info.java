/**
 * A worker's configuration: one YAML file is read, every key is checked, {@link
 * dev.millrace.config.WorkerConfig} comes out. A mistake is one line that says where it is and what
 * to write instead.
 */
package dev.millrace.config;
