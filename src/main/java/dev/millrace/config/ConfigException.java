package dev.millrace.config;

/** A mistake in the configuration, as one line: where, the key, its value, and what to do. */
public final class ConfigException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ConfigException(String message) {
        super(message);
    }

    public static ConfigException of(String where, String key, String value, String remedy) {
        return new ConfigException(where + ": " + key + ": '" + value + "' " + remedy);
    }
}
